import { setNewest } from '../../protocol/mod.ts'
import { type Clock, type Counts, instant, type Transport, type UserType } from '../shared/mod.ts'
import { Budget, type Terms } from './budget.ts'
import { Debts, type Forgiveness } from './debts.ts'

/** Most addresses, and most verified users, with a budget. Beyond it, the oldest starts with a full one. */
const MOST_GROUPS = 10_000

/** A budget, and the name under which refusals are counted. */
export interface Account {
  limit: keyof typeof WHOSE
  budget: Budget
}

interface Address {
  account: Account
  debts: Debts
}

/** Who has caused too much, for the message of an error. */
export const WHOSE = {
  fanOutPerConnection: 'your connection has',
  fanOutPerAddress: 'connections from your address have',
  fanOutPerUser: 'connections with your identity have',
  fanOut: 'all users together have',
} as const

/** A user's accounts, as long as it has the same connection and identity. */
interface Payer {
  ws: Transport
  auth: string | undefined
  accounts: [own: Account, ...others: Account[]]
}

/** The terms of each budget, for the rate of one connection. PROTOCOL.md says why they are these. */
const termsOf = (rate: number): Record<'connection' | 'group' | 'all', Terms> & { forgiven: Forgiveness } => ({
  connection: { burst: 4 * rate, rate, free: rate / 256, saved: 256 * rate },
  group: { burst: 512 * rate, rate: 4 * rate, free: rate / 16, saved: 512 * rate },
  all: { burst: 256 * rate, rate: 8 * rate, free: 8 * rate, saved: 0 },
  forgiven: { burst: 16 * rate, rate: rate / 16 },
})

/** The budgets from which each user pays: those of its connection, its address and its identity, and that of all. */
export class Payers {
  readonly #terms: ReturnType<typeof termsOf>
  readonly #clock: Clock
  readonly #counts: Pick<Counts, 'budgets'>
  readonly #all: Account
  readonly #addresses = new Map<string, Address>()
  readonly #identities = new Map<string, Account>()
  readonly #payers = new WeakMap<UserType, Payer>()

  /** @param rate bytes per second of one connection */
  constructor(rate: number, clock: Clock, counts: Pick<Counts, 'budgets'>) {
    this.#terms = termsOf(rate)
    this.#clock = clock
    this.#counts = counts
    this.#all = this.#open('fanOut', this.#terms.all)
  }

  /** Returns the user's accounts, the connection's own first. */
  of(user: UserType): readonly Account[] {
    // Only a verified `auth` counts: anybody can claim another one.
    const auth = user.identity?.auth || undefined
    const { ws } = user
    const known = this.#payers.get(user)
    if (known?.ws === ws && known.auth === auth) return known.accounts
    const address = ws.address === undefined ? undefined : this.#address(ws.address)
    const own = known?.accounts[0] ?? this.#connection(address)
    const accounts: Payer['accounts'] = [own, this.#all]
    if (address !== undefined) accounts.push(address.account)
    if (auth !== undefined) accounts.push(this.#identity(auth))
    this.#payers.set(user, { ws, auth, accounts })
    return accounts
  }

  /** Leaves what a user still owes to the next connections from its address. */
  forget(user: UserType): void {
    const payer = this.#payers.get(user)
    if (payer === undefined) return
    this.#payers.delete(user)
    const { address } = payer.ws
    if (address === undefined) return
    const now = instant(this.#clock)
    this.#address(address).debts.add(payer.accounts[0].budget.debt(now), now)
  }

  #connection(address: Address | undefined): Account {
    const { connection } = this.#terms
    const account = this.#open('fanOutPerConnection', connection)
    const now = instant(this.#clock)
    if (address !== undefined) account.budget.charge(address.debts.take(connection.burst, now), now)
    return account
  }

  #address(key: string): Address {
    const { group, forgiven } = this.#terms
    const address = this.#addresses.get(key) ?? {
      account: this.#open('fanOutPerAddress', group),
      debts: new Debts(forgiven, instant(this.#clock)),
    }
    this.#keep(this.#addresses, key, address)
    return address
  }

  #identity(auth: string): Account {
    const account = this.#identities.get(auth) ?? this.#open('fanOutPerUser', this.#terms.group)
    this.#keep(this.#identities, auth, account)
    return account
  }

  #keep<Group>(groups: Map<string, Group>, key: string, group: Group): void {
    setNewest(groups, key, group, MOST_GROUPS)
    this.#counts.budgets = this.#addresses.size + this.#identities.size
  }

  #open(limit: Account['limit'], terms: Terms): Account {
    return { limit, budget: new Budget(terms, instant(this.#clock)) }
  }
}
