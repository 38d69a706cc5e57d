import t from 'tap'
import { element, find, parseXml, textAt, writeXml } from '../../../src/streams/xdf/xml.ts'

t.test('parseXml reads what recorders write', async (t) => {
  const root = parseXml(
    '<?xml version="1.0"?>\r\n<!-- <no> --><info a="1" b=\'>\'>\n\t<name>a &lt;b&gt; &amp; &#181;&#xB5; R&D &nope; &#x110000;</name>' +
      '<desc/><cap size = "54" ><![CDATA[<raw> & ]]>rest\r\n</cap ></info>\n',
  )
  t.equal(textAt(root, 'name'), 'a <b> & µµ R&D &nope; &#x110000;')
  t.equal(textAt(root, 'cap'), '<raw> & rest\n')
  t.same(find(root, 'desc'), element('desc', []))
  t.equal(find(root, 'desc', 'channels'), undefined)
  t.equal(textAt(root, 'no', 'such'), '')
})

t.test('text is read back, except for characters that XML cannot hold', async (t) => {
  const text = ' a <b> & "c" \'d\' \r\n\t]]> é 🧠 '
  t.equal(parseXml(writeXml(element('x', text))).text, text)
  t.equal(parseXml(writeXml(element('x', '\u0000\u001b\ud800\uffff'))).text, '\ufffd\ufffd\ufffd\ufffd')
})

t.test('invalid XML is rejected with its place', async (t) => {
  const cases: [string, number][] = [
    ['', 0],
    ['text', 0],
    ['<a></a><b></b>', 0],
    ['<a></b>', 3],
    ['<a>', 3],
    ['</a>', 0],
    ['<a><!DOCTYPE x></a>', 3],
    ['<a b=1></a>', 0],
    ['<a>text<', 7],
    [`${'<a>'.repeat(70)}${'</a>'.repeat(70)}`, 63 * 3],
  ]
  for (const [xml, at] of cases) {
    t.throws(() => parseXml(xml), { code: 'bad-recording', message: `at character ${at}: ` }, xml.slice(0, 20))
  }
})

t.test('long hostile XML is rejected in time', async (t) => {
  const long = 200_000
  for (const xml of ['<a '.repeat(long), '<!--'.repeat(long), `<a${' '.repeat(long)}`, `<a ${'b="" '.repeat(long)}`]) {
    t.throws(() => parseXml(xml), { code: 'bad-recording' })
  }
})
