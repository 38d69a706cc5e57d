/** Relays signals with socket.io as its documentation shows: to all others in the room. `node socket-io.ts PORT`. */
import process from 'node:process'
import { benchPackage } from '../shared/packages.ts'

interface Socket {
  id: string
  data: { room?: string }
  join(room: string): void
  to(room: string): { emit(event: string, body: unknown): void }
  // biome-ignore lint/suspicious/noExplicitAny: an event's arguments have any types
  on(event: string, listener: (...args: any[]) => void): void
}

interface SocketIo {
  Server: new (port: number, options: object) => { on(event: 'connection', listener: (socket: Socket) => void): void }
}

const { Server } = await benchPackage<SocketIo>('socket.io')

new Server(Number(process.argv[2]), { transports: ['websocket'] }).on('connection', (socket) => {
  socket.on('join', (room: string, done: (id: string) => void) => {
    socket.data.room = room
    socket.join(room)
    done(socket.id)
  })
  socket.on('signal', (signal: unknown) => {
    if (socket.data.room !== undefined) socket.to(socket.data.room).emit('signal', { id: socket.id, signal })
  })
})
