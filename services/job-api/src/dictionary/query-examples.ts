/** A request and, word for word, what a service over the shipped dictionaries answers to it. */
export interface QueryExample {
  readonly title: string;
  readonly request: Readonly<Record<string, unknown>>;
  readonly status: number;
  /** The whole answer where it is a result, what matters of it where it is an error. */
  readonly answer: Readonly<Record<string, unknown>>;
  /** The results go on like that. */
  readonly isExcerpt?: true;
}

export const queryExamples: readonly QueryExample[] = [
  {
    title: 'Search the default dictionary',
    request: { action: 'search', term: 'checkpoint' },
    status: 200,
    answer: {
      'nr of entries': 3,
      results: [
        'Who plants a checkpoint harvests a calm morning.',
        'Begin early, checkpoint often, arrive whole.',
        'A checkpoint is a letter to the process that will replace you.',
      ],
      truncated: false,
    },
  },
  {
    title: 'Take one result at most; "truncated" says that there are more',
    request: { action: 'search', term: 'Archimedes', dictionary: 'pi-facts.txt', nresults: 1 },
    status: 200,
    answer: {
      'nr of entries': 1,
      results: ['Archimedes showed that pi lies between 223/71 and 22/7.'],
      truncated: true,
    },
  },
  {
    title:
      'Quote the line before and the line after each match: one entry per match, its lines joined by a newline',
    request: { action: 'search', term: 'Milü', dictionary: 'pi-facts.txt', n_before: 1, n_after: 1 },
    status: 200,
    answer: {
      'nr of entries': 1,
      results: [
        'The fraction 355/113 agrees with pi to six decimal places.\n' +
          'The value 355/113 is called Milü and is credited to Zu Chongzhi, in fifth-century China.\n' +
          'Zu Chongzhi showed that pi lies between 3.1415926 and 3.1415927.',
      ],
      truncated: false,
    },
  },
  {
    title: 'Search with an extended regular expression',
    request: {
      action: 'search',
      term: '^Pi (is the ratio|was long)',
      dictionary: 'pi-facts.txt',
      regex: true,
    },
    status: 200,
    answer: {
      'nr of entries': 2,
      results: [
        "Pi is the ratio of a circle's circumference to its diameter, the same for every circle in the plane.",
        'Pi was long called the Ludolphine number in German-speaking countries, after Ludolph van Ceulen.',
      ],
      truncated: false,
    },
  },
  {
    title: 'Read the whole dictionary',
    request: { action: 'all', dictionary: 'quotes.txt' },
    status: 200,
    answer: {
      'nr of entries': 330,
      results: [
        'A proof is a walk that everyone can take and nobody has to take twice.',
        'The shortest proof was long once.',
      ],
      truncated: false,
    },
    isExcerpt: true,
  },
  {
    title: 'List the dictionaries',
    request: { action: 'list', folder: '', filter: '*.txt' },
    status: 200,
    answer: { 'nr of entries': 2, results: ['pi-facts.txt', 'quotes.txt'], truncated: false },
  },
  {
    title: 'Ask for a dictionary that does not exist',
    request: { action: 'all', dictionary: 'nowhere.txt' },
    status: 403,
    answer: {
      Code: 403,
      message:
        'There is no readable dictionary "nowhere.txt". It does not exist, it may not be read, or reading it took too long. Instructions: http://localhost:5000/api/v1',
    },
  },
];
