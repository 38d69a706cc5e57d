import * as webrtc from 'datastreams-webrtc/plugins/brainsatplay'
import { Graph } from 'graphscript'
import { draw, keep } from './arena.js'
import * as devices from './devices.js'

const name = new URLSearchParams(location.search).get('name') ?? 'Somebody'
const text = (selector, said) => {
  document.querySelector(selector).textContent = said
}

const app = new Graph({
  roots: {
    devices: { ...devices, frequency: 6 + Math.random() * 8 },
    webrtc: {
      ...webrtc,
      url: '/webrtc/signal',
      room: 'arena',
      name,
      nominalRate: 250,
      __listeners: { 'devices.output': true },
    },
    own: { __operator: (data) => draw('own', name, data), __listeners: { 'devices.output': true } },
    others: { __operator: ({ peer, name, data }) => draw(peer, name, data), __listeners: { 'webrtc.remote': true } },
    there: { __operator: (peers) => keep(['own', ...Object.keys(peers)]), __listeners: { 'webrtc.peers': true } },
    status: { __operator: (status) => text('#status', status), __listeners: { 'webrtc.status': true } },
    error: { __operator: ({ message }) => text('#error', message), __listeners: { 'webrtc.error': true } },
  },
})
document.querySelector('#leave').addEventListener('click', () => app.remove('webrtc'))
