import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { folderOf, importAll } from '../testing/imported.ts'

const properties = 'timestamp,itemid,property,value\n'

describe('the retailrocket importer', () => {
  it('reads the Kaggle form with the latest category of each item', async () => {
    const folder = await folderOf({
      'events.csv':
        'timestamp,visitorid,event,itemid,transactionid\n1433221332117,257597,view,355908,\n1433221332000,111016,addtocart,248676,\n' +
        '1433222276276,599528,transaction,356475,4000\n1433222276276,599528,stare,356475,\n1433222276276,599528,view,\n',
      'item_properties_part1.csv': `${properties}1435460400000,355908,categoryid,1338\n1441508400000,206783,888,1116713 n277.200\n`,
      'item_properties_part2.csv': `${properties}1439000000000,355908,categoryid,209\n1430000000000,355908,categoryid,7\n1,,categoryid,7\n`,
    })
    const all = await importAll('retailrocket', folder)
    expect(all.items).toEqual([{ id: '355908', categories: ['209'] }])
    expect(all.bare).toEqual(['248676', '356475'])
    expect(all.events.map(({ user, item, kind, at }) => [user, item, kind, at])).toEqual([
      ['111016', '248676', 'cart', 1433221332000],
      ['257597', '355908', 'click', 1433221332117],
      ['599528', '356475', 'purchase', 1433222276276],
    ])
    expect(all.rejects.map(({ code }) => code)).toEqual(['ERR_ROW_FIELD', 'ERR_ROW_KIND', 'ERR_ROW_SHAPE'])
    expect(all.rows).toBe(6) // five events and one broken property
  })

  it('reads the table of behaviours, with times in seconds', async () => {
    const folder = await folderOf({
      'events.tsv':
        'user\titem\tbehavior\ttimestamp\n7\ta\tview\t1430623510\n7\ta\tcart\t1430623535\n7\ta\tbuy\tlater\n7\ta\tbuy\t1430627474\n',
      'test_buy.tsv': 'user\titem\n7\tb\n',
    })
    const all = await importAll('retailrocket', folder)
    expect(all.events.map(({ kind, at }) => [kind, at])).toEqual([
      ['click', 1430623510000],
      ['cart', 1430623535000],
      ['purchase', 1430627474000],
    ])
    expect(all.bare).toEqual(['a'])
    expect(all.rejects).toEqual([{ code: 'ERR_ROW_TIME', message: 'events.tsv line 4: has time "later", not seconds' }])
    expect((await importAll('retailrocket', join(folder, 'events.tsv'))).steps).toEqual(all.steps)
  })

  it('says what it looked for', async () => {
    await expect(importAll('retailrocket', await folderOf({}))).rejects.toThrow(
      /neither events\.csv .* nor events\.tsv/,
    )
    await expect(importAll('retailrocket', await folderOf({ 'events.csv': 'a,b\n1,2\n' }))).rejects.toMatchObject({
      code: 'ERR_IMPORT_PATH',
    })
  })
})
