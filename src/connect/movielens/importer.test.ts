import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { folderOf, importAll } from '../testing/imported.ts'

const latest = {
  'ratings.csv': 'userId,movieId,rating,timestamp\r\n1,10,4.0,200\r\n2,10,5.0,100\r\n1,11,0.5,200\r\n1,99,3.0,50\r\n',
  'movies.csv':
    'movieId,title,genres\n10,"American President, The (1995)",Comedy|Drama\n11,Babylon 5,(no genres listed)\n' +
    '12,"Series (2006-2007)",Drama\n13,"Old (1931) ",Drama\n',
  'tags.csv':
    'userId,movieId,tag,timestamp\n1,10,Funny,1\n2,10,funny,2\n3,10,"wise, warm",3\n4,10,Zest,3\n5,10,zest,3\n6,10,zest,4\n' +
    `1,11,${'long '.repeat(20)},5\n`,
}

describe('the movielens importer', () => {
  it('reads the CSV releases: movies with genres, year and tags, then ratings in order of time', async () => {
    const all = await importAll('movielens', await folderOf(latest))
    expect(all.items).toEqual([
      {
        id: '10',
        title: 'American President, The (1995)',
        categories: ['Comedy', 'Drama'],
        tags: ['zest', 'funny', 'wise, warm'],
        published: '1995-01-01T00:00:00.000Z',
      },
      { id: '11', title: 'Babylon 5' },
      { id: '12', title: 'Series (2006-2007)', categories: ['Drama'], published: '2006-01-01T00:00:00.000Z' },
      { id: '13', title: 'Old (1931)', categories: ['Drama'], published: '1931-01-01T00:00:00.000Z' },
    ])
    expect(all.bare).toEqual(['99'])
    expect(all.events.map(({ user, item, value, at, kind }) => [user, item, value, at, kind])).toEqual([
      ['1', '99', 3, 50_000, 'rating'],
      ['2', '10', 5, 100_000, 'rating'],
      ['1', '10', 4, 200_000, 'rating'], // tie: in order of the file
      ['1', '11', 0.5, 200_000, 'rating'],
    ])
    expect(all.rows).toBe(4)
    const firstEvent = all.steps.findIndex((step) => step.put === 'event')
    expect(all.steps.slice(firstEvent).every((step) => step.put === 'event')).toBe(true)
  })

  it('gives the same ids again, and one id for equal rows', async () => {
    const twice = { ...latest, 'ratings.csv': `${latest['ratings.csv']}2,10,5.0,100\n` }
    const [a, b] = [
      await importAll('movielens', await folderOf(latest)),
      await importAll('movielens', await folderOf(twice)),
    ]
    const ids = new Set(a.events.map(({ id }) => id))
    expect(ids.size).toBe(4)
    expect(new Set(b.events.map(({ id }) => id))).toEqual(ids)
    expect(b.rows).toBe(5)
  })

  it('rejects malformed rows by reason and line, and goes on', async () => {
    const ratings =
      'userId,movieId,rating,timestamp\n1,10,four,100\n1,10,4\n1,10,9,100\n1,10,4,soon\n,10,4,100\n1,10,4,100\n'
    const all = await importAll('movielens', await folderOf({ 'ratings.csv': ratings }))
    expect(all.rejects).toEqual([
      { code: 'ERR_ROW_NUMBER', message: 'ratings.csv line 2: has rating "four", not 0.5 to 5' },
      { code: 'ERR_ROW_SHAPE', message: 'ratings.csv line 3: has 3 fields, not 4' },
      { code: 'ERR_ROW_NUMBER', message: 'ratings.csv line 4: has rating "9", not 0.5 to 5' },
      { code: 'ERR_ROW_TIME', message: 'ratings.csv line 5: has time "soon", not seconds since 1970' },
      { code: 'ERR_ROW_FIELD', message: 'ratings.csv line 6: has no user or no movie' },
    ])
    expect(all.rows).toBe(6)
    expect(all.events).toHaveLength(1)
  })

  it('reads ml-100k: Latin-1 titles, genre flags and ages', async () => {
    const flags = (...on: number[]) => Array.from({ length: 19 }, (_, i) => (on.includes(i) ? 1 : 0)).join('|')
    const folder = await folderOf({
      'u.data': '196\t242\t3\t881250949\n186\t302\t3\t891717742\n',
      'u.item': Buffer.from(
        `242|Les Mis\u00e9rables (1995)|01-Jan-1995||http://x|${flags(8)}\n302|Untitled|24-Mar-1997||http://x|${flags(0)}\n3|short\n`,
        'latin1',
      ),
      'u.user': '196|49|M|writer|55105\n186|old|F|executive|00000\n',
      'u.genre':
        "unknown|0\nAction|1\nAdventure|2\nAnimation|3\nChildren's|4\nComedy|5\nCrime|6\nDocumentary|7\nDrama|8\nFantasy|9\nFilm-Noir|10\n" +
        'Horror|11\nMusical|12\nMystery|13\nRomance|14\nSci-Fi|15\nThriller|16\nWar|17\nWestern|18\n\n',
    })
    const all = await importAll('movielens', folder)
    expect(all.items).toEqual([
      { id: '242', title: 'Les Mis\u00e9rables (1995)', categories: ['Drama'], published: '1995-01-01T00:00:00.000Z' },
      { id: '302', title: 'Untitled', published: '1997-01-01T00:00:00.000Z' },
    ])
    expect(all.users).toEqual([{ id: '196', age: 49 }])
    expect(all.rejects.map(({ code, message }) => [code, message.slice(0, 13)])).toEqual([
      ['ERR_ROW_SHAPE', 'u.item line 3'],
      ['ERR_ROW_NUMBER', 'u.user line 2'],
    ])
    expect(all.events.map(({ user, at }) => [user, at])).toEqual([
      ['196', 881250949000],
      ['186', 891717742000],
    ])
  })

  it('reads ml-1m and ml-10m: "::", age buckets, Latin-1 and UTF-8', async () => {
    const million = await folderOf({
      'ml-1m/ratings.dat': '1::1193::5::978300760\n2::661::3::978302109\n',
      'ml-1m/movies.dat': Buffer.from("1193::Cit\u00e9, La (1995)::Children's|Sci-Fi\n", 'latin1'),
      'ml-1m/users.dat': '1::F::1::10::48067\n2::M::56::16::70072\n',
    })
    const all = await importAll('movielens', million) // one folder down, as the archive unpacks
    expect(all.items).toEqual([
      {
        id: '1193',
        title: 'Cit\u00e9, La (1995)',
        categories: ["Children's", 'Sci-Fi'],
        published: '1995-01-01T00:00:00.000Z',
      },
    ])
    expect(all.bare).toEqual(['661'])
    expect(all.users).toEqual([
      { id: '1', attributes: { ageGroup: 'under 18' } },
      { id: '2', age: 56 },
    ])
    expect(all.events).toHaveLength(2)
    const tenMillion = await folderOf({
      'ratings.dat': '1::122::4.5::838985046\n',
      'movies.dat': '122::Caf\u00e9 (1992)::Comedy\n',
      'tags.dat': '15::122::Warm::1215184630\n',
    })
    expect((await importAll('movielens', join(tenMillion, 'ratings.dat'))).items).toEqual([
      {
        id: '122',
        title: 'Caf\u00e9 (1992)',
        categories: ['Comedy'],
        tags: ['warm'],
        published: '1992-01-01T00:00:00.000Z',
      },
    ])
  })

  it('takes the one release below a folder, and asks which when there are several', async () => {
    const ratings = 'userId,movieId,rating,timestamp\n1,10,4,100\n'
    const one = await folderOf({ 'notes/a.txt': '', 'small/ratings.csv': ratings })
    expect((await importAll('movielens', one)).events).toHaveLength(1)
    const two = await folderOf({ 'ml-100k/u.data': '1\t2\t3\t4\n', 'small/ratings.csv': ratings })
    await expect(importAll('movielens', two)).rejects.toThrow(/several releases: ml-100k, small\. Name one/)
  })

  it('says what it looked for', async () => {
    const read = (path: string) => importAll('movielens', path)
    await expect(read('/nowhere/at/all')).rejects.toMatchObject({ code: 'ERR_IMPORT_PATH' })
    await expect(read(await folderOf({ 'notes.txt': '' }))).rejects.toThrow(/ratings\.csv .*u\.data .*ratings\.dat/)
    await expect(read(join(await folderOf({ 'notes.txt': '' }), 'notes.txt'))).rejects.toThrow(/none of ratings\.csv/)
    await expect(read(await folderOf({ 'ratings.csv': 'userId,movieId,stars\n1,2,3\n' }))).rejects.toThrow(
      /no column rating, timestamp/,
    )
    expect((await read(await folderOf({ 'ratings.csv': '' }))).steps).toEqual([])
  })
})
