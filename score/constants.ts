/** One number of placement or planning that was chosen by measurement, and not by a designer. */
interface Constant {
  value: number
  unit: string
  /** What it does, and why it is there. */
  why: string
  /** Where the value was measured. */
  measured: string
}

const CHOSEN = 'set on the recorded day'
const UNMEASURED = 'not measured'

/**
 * Every such number of `score` and `orchestrator/plan`. `npm run simulate -- --sensitivity` halves and doubles each and shows how much the figures of a day change.
 * Limits of work per round, time-outs and units stand beside the code that uses them.
 */
export const constantTable = {
  // --- the price of a seat: the signal `room` (signals.ts) ---
  crowdedFrom: { value: 0.78, unit: 'of the soft cap', why: 'A copy counts as crowded from here. Below, a guild in it can still double.', measured: CHOSEN },
  nearlyFullFrom: { value: 0.91, unit: 'of the soft cap', why: 'From here the last seats are kept for players with company inside.', measured: CHOSEN },
  evenness: {
    value: 0.1,
    unit: 'of weights.room',
    why: 'Evens out copies with many guild-mates, so that their guilds can grow, and fills those with few, so that fewer copies are needed.',
    measured: 'recorded day, seeds 3 and 5: guild pairs .9715 and .9716; .9696 and .9684 with all copies evened out',
  },
  evenFromMates: {
    value: 0.25,
    unit: 'guild-mates',
    why: 'Mean number of guild-mates of the players in a copy from which it is evened out, and below which it is filled.',
    measured: 'recorded day, seeds 3 and 5: guild pairs .9714 and .9713; .9701 and .9688 with .5, .9696 and .9705 with .12',
  },
  crowd: { value: 0.16, unit: 'of weights.room', why: 'Price of a seat in a crowded copy.', measured: CHOSEN },
  crowdPerMate: { value: 0.05, unit: 'of weights.room', why: 'The same for each guild-mate that a player inside has on average.', measured: CHOSEN },
  alone: { value: 0.14, unit: 'of weights.room', why: 'Added in a crowded copy for players without company inside.', measured: CHOSEN },
  lastSeats: { value: 0.4, unit: 'of weights.room', why: 'Added in a nearly full copy for the same players.', measured: CHOSEN },
  // --- the other signals (signals.ts, company.ts, attributes.ts) ---
  fullMates: { value: 15, unit: 'guild-mates', why: 'From here the signal `guild` is 1.', measured: CHOSEN },
  firstMate: {
    value: 0.6,
    unit: 'guild-mates',
    why: 'Bonus for the first guild-mate: two members who meet form a core that others of the guild find.',
    measured: CHOSEN,
  },
  fullFriends: { value: 10, unit: 'friends', why: 'From here the signal `friends` is 1.', measured: CHOSEN },
  distantFriend: { value: 0.5, unit: 'friends', why: 'What a friend not met lately counts, beside 1 for one met daily.', measured: UNMEASURED },
  nextLanguage: {
    value: 0.9,
    unit: 'factor',
    why: "Per step in the order of a member's languages: of two equal crowds the one with the better language counts more.",
    measured: UNMEASURED,
  },
  accompanied: {
    value: 0.27,
    unit: 'factor',
    why: 'Of the signal `language` for members with company on the map, which mostly speaks their language.',
    measured: CHOSEN,
  },
  /** Claypool and Claypool, "Latency and Player Actions in Online Games", 2006: noticed at about this much in first-person games, at 500 ms in third-person games. */
  latencyHalfMs: { value: 100, unit: 'ms of round trip', why: 'Where the signal `latency` is 0.5.', measured: 'Claypool and Claypool 2006' },
  prior: {
    value: 8,
    unit: 'players',
    why: "Weight of the map's mean beside a copy's own content, so that the first two arrivals do not decide.",
    measured: CHOSEN,
  },
  // --- seats in closing copies, moves and anchors (eligibility.ts, rankTargets.ts, seating/) ---
  closingGuildMates: {
    value: 3,
    unit: 'guild-mates per newcomer',
    why: 'From here a closing copy still takes members of a guild; fewer are leftovers.',
    measured: CHOSEN,
  },
  acceptingShare: {
    value: 0.45,
    unit: 'of merge.patience',
    why: 'Until then a closing copy takes guild-mates; later ones would prolong the merge.',
    measured: CHOSEN,
  },
  filling: {
    value: 2,
    unit: 'of weights.room',
    why: 'What a move pays for a filled copy: people in thin copies are moved again.',
    measured: 'recorded day, seed 1: forced moves .0101 without it, .0098 at 1',
  },
  establishedMates: { value: 8, unit: 'guild-mates', why: 'From here a guild attracts its members without an anchor.', measured: UNMEASURED },
  arrivingMs: {
    value: 1_000,
    unit: 'ms',
    why: "How long an anchor lasts: by then each matchmaker's replica shows the new seat.",
    measured: 'recorded day: ten seconds cost .005 of the pairs of friends',
  },
  // --- merging copies (close/, view/) ---
  pairsPerPlayer: {
    value: 8,
    unit: 'pairs',
    why: 'Separated pairs of guild-mates that count as much as one moved player, in the choice of the copy to close.',
    measured: CHOSEN,
  },
  successors: {
    value: 5,
    unit: 'copies',
    why: 'Most successors of a closing copy: a guild spread over more copies gains nothing from being moved together.',
    measured: UNMEASURED,
  },
  languagesServed: {
    value: 3,
    unit: 'languages',
    why: 'Languages of a closing copy that get a successor of their own, the most spoken first.',
    measured: UNMEASURED,
  },
  partyPairs: { value: 1_000, unit: 'pairs', why: 'What a party in two copies counts, so that it decides before any guild.', measured: UNMEASURED },
  mergeMargin: {
    value: 0.07,
    unit: 'of the soft cap of one copy',
    why: 'How far a map is below its comfort before a copy closes, so that it is not opened again (rule C3).',
    measured: CHOSEN,
  },
  lastMergeMargin: { value: 0.03, unit: 'of the soft cap of one copy', why: 'The same when two copies become one.', measured: CHOSEN },
  // --- budgets and prices (budget/) ---
  closingsKnown: { value: 20, unit: 'closings', why: 'Weight of the two numbers below, so that the first closing does not decide.', measured: UNMEASURED },
  movesPerClosing: { value: 6, unit: 'moves', why: 'What closing a copy costs before any was seen.', measured: CHOSEN },
  hoursPerClosing: { value: 0.6, unit: 'copy-hours', why: 'The same in time.', measured: CHOSEN },
  closingsRemembered: { value: 400, unit: 'closings', why: 'From here older ones count half.', measured: UNMEASURED },
  accountBeginsHours: {
    value: 1,
    unit: 'h',
    why: 'A world that has just started opens copies for all its players, and owes nothing for them.',
    measured: UNMEASURED,
  },
  savedHours: {
    value: 6,
    unit: 'h of allowance',
    why: 'Most that is saved: a calm afternoon pays for the evening, and a calm week does not.',
    measured: UNMEASURED,
  },
  ampleHours: {
    value: 2,
    unit: 'h of allowance',
    why: 'From these savings on the lasting part of a price falls.',
    measured: 'property test: an account comes to rest within a week',
  },
  passingHours: {
    value: 2.5,
    unit: 'h of allowance',
    why: 'Overdraft beyond what is lent that raises a price by the factor e while it lasts.',
    measured: CHOSEN,
  },
  lastingHours: {
    value: 3,
    unit: 'h',
    why: 'An overdraft of one hour for this time, squared, raises the lasting part of a price by the factor e.',
    measured: CHOSEN,
  },
  usualMoves: { value: 0.01, unit: 'moves per player-hour', why: 'Budget at which moves begin at the ordinary price.', measured: 'default of the policy' },
  usualCopies: { value: 0.12, unit: 'of the copies needed', why: 'The same for copies.', measured: 'default of the policy' },
  movesElasticity: {
    value: 2.5,
    unit: 'per cent of the price per cent of the budget',
    why: 'How much lower a price begins with a larger budget, so that it is spent on the first day.',
    measured: 'recorded day, seed 1: half and twice the budget spend .0051 and .0184; .0060 and .0167 with 1.5',
  },
  copiesElasticity: {
    value: 2,
    unit: 'per cent of the price per cent of the budget',
    why: 'The same for copies.',
    measured: 'recorded day, seed 1: half and twice the budget spend .062 and .229; .069 and .232 with 1',
  },
  highestPrice: { value: 4, unit: 'natural logarithm', why: 'Bound of a price, about 55 times the ordinary one.', measured: UNMEASURED },
  lentMovesHours: {
    value: 1,
    unit: 'h of allowance',
    why: 'Overdraft of moves before their price rises: they are charged before they are made.',
    measured: CHOSEN,
  },
  lentCopiesHours: {
    value: 2,
    unit: 'h of allowance',
    why: 'The same of copies: an evening needs spare ones that the night gives back.',
    measured: 'recorded day, seed 4: guild pairs .9706, and .9695 at 1.5',
  },
  aimedAt: {
    value: 0.97,
    unit: 'of budgets.moves',
    why: 'What is aimed at. The rest covers a first evening, before the price has found its level.',
    measured: 'recorded day, seed 5: moves .00998, and .01002 at .98',
  },
  patienceShortest: { value: 0.25, unit: 'factor', why: 'Lower bound of the factor of merge.patience.', measured: UNMEASURED },
  patienceLongest: { value: 4, unit: 'factor', why: 'Upper bound of the same.', measured: UNMEASURED },
  muchDearer: { value: 2, unit: 'ratio of prices', why: 'Up to here the patience stays as the policy says.', measured: CHOSEN },
  // --- forecasts and the seats kept free for company (forecast/) ---
  companyShare: { value: 0.34, unit: 'of the seats', why: 'Most that is kept free for company at the ordinary price of a copy.', measured: CHOSEN },
  halfShareMates: { value: 1, unit: 'guild-mates', why: 'Mean number of guild-mates at which half of it is kept.', measured: CHOSEN },
  firstMates: { value: 2, unit: 'guild-mates', why: 'Mean number that is assumed before the first measurement.', measured: UNMEASURED },
  matesLearning: { value: 0.05, unit: 'weight', why: 'Of a new measurement; at one per 30 s the time constant is ten minutes.', measured: UNMEASURED },
  matesPriorPlayers: {
    value: 20,
    unit: 'players',
    why: 'Without a guild, added to every map: two guild-mates on an empty map are no habit.',
    measured: UNMEASURED,
  },
  longSamples: { value: 60, unit: 'lead times', why: 'Length of the slope that shows the next half hour.', measured: UNMEASURED },
  trendSamples: { value: 10, unit: 'lead times', why: 'Length of the slope that averages out chance arrivals.', measured: UNMEASURED },
  rushSamples: { value: 4, unit: 'lead times', why: 'Length of the slope that reacts at once.', measured: UNMEASURED },
  laterShare: {
    value: 1 / 3,
    unit: 'of merge.deadline',
    why: 'Growth within this time forbids a closing: its players need time to leave.',
    measured: UNMEASURED,
  },
  reserveDeviations: {
    value: 0.5,
    unit: 'deviations',
    why: 'Reserve for the error of forecasts; covers 69 % of lead times (normal distribution).',
    measured: CHOSEN,
  },
  errorPrior: { value: 2, unit: 'players', why: 'Error before any was measured.', measured: UNMEASURED },
  errorPriorSamples: { value: 10, unit: 'lead times', why: 'Its weight, so that the first error does not dominate.', measured: UNMEASURED },
  dayLearning: { value: 1 / 3, unit: 'weight', why: 'Of the newest day in the usual population: one evening does not replace a week.', measured: UNMEASURED },
  eventKeptMs: {
    value: 900_000,
    unit: 'ms',
    why: 'Copies opened for an event stay until this time after its start, because players come late.',
    measured: UNMEASURED,
  },
  eventCountedMs: {
    value: 3_600_000,
    unit: 'ms',
    why: 'Until this time after its start the players of an event are counted, to know next time.',
    measured: UNMEASURED,
  },
  eventLearning: {
    value: 0.5,
    unit: 'weight',
    why: 'Of a smaller crowd than the last: one evening without visitors does not close the copies of the next.',
    measured: UNMEASURED,
  },
  visitHalfLifeMs: { value: 57_600_000, unit: 'ms', why: "Half-life of a visit's weight.", measured: UNMEASURED },
  quietMs: {
    value: 900_000,
    unit: 'ms',
    why: 'A map counts as visited until this time after the last change, because players come back.',
    measured: UNMEASURED,
  },
  rareVisits: { value: 3, unit: 'visits', why: 'Weighted visits up to which the next one is probably hours away.', measured: UNMEASURED },
  // --- moves and fleets (move/, scaleFleets.ts) ---
  reunionGain: { value: 11.7, unit: 'guild-mates per moved player', why: 'Least gain of a reunion at the ordinary price of a move.', measured: CHOSEN },
  stayPerMinute: {
    value: 0.06,
    unit: 'per minute',
    why: 'Growth of the value of a move with the time that the player has been there.',
    measured: 'recorded day: after ten minutes players stay 21 more, after an hour 45',
  },
  stayGrowsFromMs: { value: 600_000, unit: 'ms', why: 'Where this growth begins.', measured: 'recorded day' },
  stayGrowsUntilMs: { value: 3_600_000, unit: 'ms', why: 'Where it ends.', measured: 'recorded day' },
  creditHours: {
    value: 0.25,
    unit: 'h of moves.reunite',
    why: 'Cap on unused credit; a longer one lets a quiet night pay for a burst at peak.',
    measured: UNMEASURED,
  },
  reliefShare: {
    value: 0.02,
    unit: 'of the players, per second',
    why: 'Most that a strained copy gives away: larger steps would empty one that has recovered.',
    measured: UNMEASURED,
  },
  readyShare: { value: 0.05, unit: 'of the allocated servers', why: 'Ready servers for demand that the forecast does not see.', measured: UNMEASURED },
  shrinkAfterMs: {
    value: 60_000,
    unit: 'ms',
    why: 'A fleet shrinks only after a surplus this long: a server is slow to start and cheap to keep.',
    measured: UNMEASURED,
  },
} satisfies Record<string, Constant>

export type ConstantName = keyof typeof constantTable

/** The values by name. Passed to scorer and planner, so that a simulation can run with others. */
export type Constants = Readonly<Record<ConstantName, number>>

export const constantNames = Object.keys(constantTable) as ConstantName[] // its own keys

export const CONSTANTS = Object.fromEntries(constantNames.map((name) => [name, constantTable[name].value])) as Constants // one entry per name
