import { describe, expect, it } from 'vitest'
import { parseItem } from '../../domain/index.ts'
import { folderOf, importAll } from '../testing/imported.ts'

const of = async (table: string, columns?: Record<string, string>) =>
  importAll('items', await folderOf({ 'items.csv': table }), columns ? { columns } : {})

describe('the importer of tables of items', () => {
  it('knows fields by the names of their columns; the others become attributes', async () => {
    const { items, rows, rejects } = await of(
      'Item_ID,Title,Author,Genres,tags,duration,published,price,colour,level,new\n' +
        'a,"A, first",ann,drama|comedy,"x, y",90,2024-05-01T10:00:00Z,9.5,red,3,true\n' +
        'b,,,,,,,,,,\n',
    )
    const first = {
      ...{
        id: 'a',
        title: 'A, first',
        creator: 'ann',
        categories: ['drama', 'comedy'],
        tags: ['x', 'y'],
        duration: 90,
      },
      ...{ published: Date.UTC(2024, 4, 1, 10), price: 9.5, attributes: { colour: 'red', level: 3, new: true } },
    }
    expect(items).toEqual([first, { id: 'b' }])
    for (const item of items) expect(parseItem(item)).toMatchObject({ ok: true })
    expect([rows, rejects]).toEqual([2, []])
  })

  it('takes a decimal comma, and none that may part thousands', async () => {
    const { items, rejects } = await of('id;price;duration\na;0,99;61,5\nb;1,299;60\n')
    expect(items).toEqual([{ id: 'a', price: 0.99, duration: 61.5 }])
    expect(rejects.map(({ message }) => message)).toEqual([
      'items.csv line 3: has price "1,299", which cannot be read as one',
    ])
  })

  it('loses no column for its name, and makes none of a column without one', async () => {
    const { items } = await of(',id,__proto__,constructor\n0,a,x,y\n')
    const attributes = Object.fromEntries([
      ['__proto__', 'x'],
      ['constructor', 'y'],
    ] as const)
    expect(items).toEqual([{ id: 'a', attributes }])
    expect(parseItem(items[0])).toMatchObject({ ok: false, where: '/attributes/__proto__' })
    await expect(of('id,x\na,1\n', { toString: 'x' })).rejects.toThrow('"toString" is none of id, ')
  })

  it.each([
    ['1995', Date.UTC(1995, 0)],
    ['2024-05-01', Date.UTC(2024, 4, 1)],
    ['1700000000', 1_700_000_000_000],
    ['1700000000000', 1_700_000_000_000],
  ])('reads the moment %s', async (cell, at) => {
    expect((await of(`id,published\na,${cell}\n`)).items).toEqual([{ id: 'a', published: at }])
  })

  it('takes columns by option, and other separators', async () => {
    const { items } = await of('key;what;id\n7;Lamp;x\n', { id: 'key', title: 'what' })
    expect(items).toEqual([{ id: '7', title: 'Lamp', attributes: { id: 'x' } }])
    await expect(of('key,what\n', { id: 'code' })).rejects.toThrow(/no column "code"; it has key, what/)
    await expect(of('key,what\n', { user: 'key' })).rejects.toThrow(/"user" is none of id, title/)
    await expect(of('key,what\n')).rejects.toThrow(/no column is the id: it has key, what.*--column id=COLUMN/)
  })

  it('knows a table of events, unless its id is named', async () => {
    await expect(of('customer,sku,time\nann,lamp,2026-01-01\n')).rejects.toThrow(
      /looks like a table of events.*the columns customer and time, and no title.*"import csv".*--column id=COLUMN/,
    )
    const named = await of('customer,sku,time\nann,lamp,2026-01-01\n', { id: 'sku' })
    expect(named.items).toEqual([{ id: 'lamp', attributes: { customer: 'ann', time: '2026-01-01' } }])
    expect((await of('user,sku,date,title\nann,lamp,2026-01-01,Lamp\n')).items).toHaveLength(1)
  })

  it('says of each row that is none where it is and why', async () => {
    const { rejects, items } = await of(
      'id,price,published,hidden\n,1,,\na,much,,\nb,,soon,\nc,,,perhaps\nd\ne,1,,no\n',
    )
    expect(rejects).toEqual([
      { code: 'ERR_ROW_FIELD', message: 'items.csv line 2: has no id' },
      { code: 'ERR_ROW_NUMBER', message: 'items.csv line 3: has price "much", which cannot be read as one' },
      { code: 'ERR_ROW_TIME', message: 'items.csv line 4: has published "soon", which cannot be read as one' },
      { code: 'ERR_ROW_FIELD', message: 'items.csv line 5: has hidden "perhaps", which cannot be read as one' },
      { code: 'ERR_ROW_SHAPE', message: 'items.csv line 6: has 1 fields, not 4' },
    ])
    expect(items).toEqual([{ id: 'e', price: 1, hidden: false }])
  })
})
