/** A hono app that knows its users by a cookie, and two services in it that know nothing of each other. */
import { Hono } from 'hono'
import { getSignedCookie, setSignedCookie } from 'hono/cookie'
import { mount } from '../../plugins/hono.ts'

const secret = crypto.randomUUID()

export const app: Hono = new Hono()
app.get('/', (context) => context.text('My own page'))
// Your app asks for a password here.
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

/** Ends every connection and timer of both. */
export function close(): void {
  lab.close()
  open.close()
}
