/** A hono app that identifies its users by a cookie. It mounts two independent services. */
import { Hono } from 'hono'
import { getSignedCookie, setSignedCookie } from 'hono/cookie'
import { mount } from '../../plugins/hono.ts'

const secret = crypto.randomUUID()

export const app: Hono = new Hono()
app.get('/', (context) => context.text('My own page'))
// A real app checks a password here.
app.post('/login/:name', async (context) => {
  await setSignedCookie(context, 'user', context.req.param('name'), secret, { httpOnly: true, sameSite: 'Lax' })
  return context.text('Welcome')
})
app.use('/lab/*', async (context, next) => {
  const user = await getSignedCookie(context, secret, 'user')
  return user ? next() : context.text('Please log in', 401)
})

const lab = mount(app, '/lab', {
  async identify(context) {
    const user = await getSignedCookie(context, secret, 'user')
    return user ? { auth: user, name: user } : undefined
  },
})
const open = mount(app, '/open')

/** Closes the connections and stops the timers of both services. */
export function close(): void {
  lab.close()
  open.close()
}
