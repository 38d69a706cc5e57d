/** Draws the newest two seconds of every player, and the strength of the player's signal. */
const SECONDS = 2
const RATE = 250
/** Half the height of a channel's row, in µV. */
const RANGE = 70
const COLOURS = ['#3b82f6', '#e8590c', '#2b9a66', '#a855f7', '#d6336c', '#0c8599']

const players = new Map()

/** Draws samples in the form that devices output: an array for each channel, by label. */
export function draw(id, name, { timestamp: _, ...channels }) {
  const player = players.get(id) ?? enter(id)
  player.article.querySelector('b').textContent = name
  for (const [label, samples] of Object.entries(channels)) {
    const kept = [...(player.channels.get(label) ?? []), ...samples].slice(-SECONDS * RATE)
    player.channels.set(label, kept)
  }
  const labels = [...player.channels.keys()]
  player.article.querySelector('small').textContent = labels.join(' · ')
  const values = [...player.channels.values()].flatMap((samples) => samples.slice(-RATE / 2))
  const strength = Math.sqrt(values.reduce((sum, value) => sum + value * value, 0) / values.length)
  player.article.querySelector('meter').value = strength
}

/** Removes all players except those with these ids. */
export function keep(ids) {
  for (const [id, { article }] of players) {
    if (ids.includes(String(id))) continue
    article.remove()
    players.delete(id)
  }
}

function enter(id) {
  const article = document.createElement('article')
  article.innerHTML =
    '<h2><b></b><small></small></h2><canvas></canvas><meter min="0" max="50" aria-label="Strength in µV"></meter>'
  document.querySelector('#players').append(article)
  const player = { article, channels: new Map() }
  players.set(id, player)
  return player
}

function paint() {
  for (const { article, channels } of players.values()) {
    const canvas = article.querySelector('canvas')
    const [width, height] = [canvas.clientWidth, canvas.clientHeight]
    canvas.width = width * devicePixelRatio
    canvas.height = height * devicePixelRatio
    const context = canvas.getContext('2d')
    context.scale(devicePixelRatio, devicePixelRatio)
    const row = height / channels.size
    let i = 0
    for (const samples of channels.values()) {
      const middle = (i + 0.5) * row
      context.strokeStyle = COLOURS[i++ % COLOURS.length]
      context.beginPath()
      samples.forEach((value, at) => {
        const x = width - ((samples.length - 1 - at) / (SECONDS * RATE)) * width
        context.lineTo(x, middle - (value / RANGE) * (row / 2))
      })
      context.stroke()
    }
  }
  requestAnimationFrame(paint)
}
requestAnimationFrame(paint)
