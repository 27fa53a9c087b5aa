import Type, { type TSchema } from 'typebox'
import { group, table } from './knobs.ts'

type Line<S extends TSchema> = (description: string, value: string) => S

/** Sentences that name what the reason is about. */
const named = <S extends TSchema>(line: Line<S>) => ({
  taste: line('It goes with what the viewer consumed: {item}.', 'Because you watched {item}'),
  alike: line('It is like what the viewer consumed: {item}.', 'Similar to {item}'),
  after: line('It often follows the item at hand: {item}.', 'Often watched after {item}'),
  creator: line('The viewer follows its creator: {creator}.', 'From {creator}, whom you follow'),
  match: line('Its words match the search: {query}.', 'Matches "{query}"'),
})

/** Sentences without a name: where none is known, and for reasons that have none. */
const plain = <S extends TSchema>(line: Line<S>) => ({
  taste: line('It goes with what the viewer consumed.', 'Because of what you watched'),
  alike: line('It is like what the viewer consumed.', 'Similar to what you watched'),
  after: line('It often follows another item.', 'Often watched next'),
  creator: line('The viewer follows its creator.', 'From a creator you follow'),
  interest: line('It is of a category the viewer likes.', 'From a category you like'),
  trending: line('It gets more attention than it used to.', 'Trending now'),
  popular: line('Many consume it.', 'Popular now'),
  fresh: line('It is new.', 'New here'),
  editorial: line('It is pinned.', 'Picked by the editors'),
  match: line('Its words match the search.', 'Matches your search'),
  resume: line('The viewer began it and did not finish.', 'Continue where you stopped'),
  again: line('The viewer loved it a while ago.', 'Worth watching again'),
  recommended: line('Any other reason.', 'Recommended'),
})

const LENGTH_MAX = 200

const own = (description: string, value: string) =>
  Type.String({ description, default: value, minLength: 1, maxLength: LENGTH_MAX })
/** Of another language: without a default, so that what is left out stays as it is said to everybody. */
const other = (description: string) => Type.Optional(Type.String({ description, minLength: 1, maxLength: LENGTH_MAX }))

const Translation = Type.Object(
  {
    named: Type.Optional(
      Type.Object(named(other), { additionalProperties: false, description: 'As `named`; what is left out stays.' }),
    ),
    plain: Type.Optional(
      Type.Object(plain(other), { additionalProperties: false, description: 'As `plain`; what is left out stays.' }),
    ),
  },
  { additionalProperties: false },
)

export const SentencesConfig = group(
  'Why an item is shown, as a viewer reads it: the `reason` of each item of a slate.',
  {
    named: group('With the name of what the reason is about, in place of {item}, {creator} or {query}.', named(own)),
    plain: group('Without a name: where none is known, and for reasons that have none.', plain(own)),
    languages: table(
      'The same by language of the viewer (`context.language`, else the profile), such as de; de-AT is found under de too.',
      Translation,
      {},
    ),
  },
)

/** Names that a sentence may hold in braces, by reason; the others hold none. */
export const sentenceNames: Readonly<Record<string, string>> = {
  taste: 'item',
  alike: 'item',
  after: 'item',
  creator: 'creator',
  match: 'query',
}
