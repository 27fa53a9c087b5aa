import type { FoldedSource } from '../../../domain/index.ts'
import type { Source } from '../../pipeline/index.ts'
import { again } from './again.ts'
import { covisit } from './covisit.ts'
import { followed } from './followed.ts'
import { following } from './following.ts'
import { fresh } from './fresh.ts'
import type { Ground } from './ground.ts'
import { interests } from './interests.ts'
import { lexical } from './lexical.ts'
import { pins } from './pins.ts'
import { popular } from './popular.ts'
import { resume } from './resume.ts'
import { similar } from './similar.ts'
import { slim } from './slim.ts'
import { trending } from './trending.ts'

/** Every source by its name in the configuration of surfaces. */
export const sourceMakers = {
  slim,
  covisit,
  following,
  similar,
  followed,
  interests,
  trending,
  popular,
  fresh,
  pins,
  lexical,
  resume,
  again,
} as const satisfies Record<FoldedSource, (ground: Ground) => Source>

export type SourceName = keyof typeof sourceMakers
