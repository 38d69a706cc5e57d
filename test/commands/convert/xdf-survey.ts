import t from 'tap'
import { damageIn } from '../../../src/commands/convert/xdf-survey.ts'
import { StreamError } from '../../../src/streams/mod.ts'

t.test('damageIn reports the first damaged place and the number of others', async (t) => {
  const damage = new StreamError('bad-recording', 'Cannot read this')
  t.equal(damageIn({ damage: undefined, places: 0 }), undefined)
  t.equal(damageIn({ damage, places: 1 }), 'Cannot read this')
  t.equal(damageIn({ damage, places: 2 }), 'Cannot read this, and 1 more place')
  t.equal(damageIn({ damage, places: 3 }), 'Cannot read this, and 2 more places')
})
