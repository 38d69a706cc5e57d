import t from 'tap'
import { commands } from '../fixture/server.ts'
import { output } from './fixture/output.ts'
import { crowded, silent, storm, unread } from './fixture/starving.ts'

t.setTimeout(600_000)
t.test('clients that read no answers are closed', (t) => unread(t, commands.bun))
t.test('silent connections are closed', (t) => silent(t, commands.bun))
t.test('a server without a free file descriptor goes on', (t) => crowded(t, commands.bun))
t.test('a server that ends in a storm of connections closes them in order', (t) => storm(t, commands.bun))
t.test('a log that cannot be written costs lines and nothing else', (t) => output(t, commands.bun))
