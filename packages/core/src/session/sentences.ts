import type { Called, call, Raw } from './schema.ts'

/** Sentences of the options that every recording call takes. */
const CALL: Readonly<Record<keyof typeof call, string>> = {
  key: 'Records once: a call with the same key and the same input in this session is answered and not recorded again.',
  at: 'The time it happened, a Date or ISO 8601 text; default now. At most 5 minutes ahead.',
  onRepeat: '`skip` takes any known key as done and does not compare the input; default `compare`.',
}

const AUTHOR = 'The author of its words: a person, or a model that works for one. Default: unknown.'

/** A sentence for each call and for each of its fields. They repeat the comments of `schema.ts`, which a test compares. */
export const SENTENCES: {
  readonly [H in Called]: Readonly<{ about: string; fields: Readonly<Record<keyof Raw[H], string>> }>
} = {
  start: {
    about: 'Begins a session.',
    fields: {
      user: "The user who works; default the tracker's `user`.",
      project: "The project it belongs to; default the tracker's `project`.",
      agent: 'The agent that works for the user, as in `Claude`; cut at 2 KiB.',
      goal: 'The goal of the session; its first line is the title. Cut at 64 KiB.',
      progress: 'Progress in percent, 0 to 100, rounded; default 0.',
      parentId: 'The session this one is a part of.',
      previousId: 'The session this one follows; default the newest of the project.',
      links: 'Links to other sessions, by kind.',
      workspace: 'Where the work happens: an absolute path or any text; cut at 2 KiB.',
      machine: "The machine it happens on; default this host's name. Cut at 2 KiB.",
      mirror: 'False: no adapter mirrors the session until `session.mirror`. Default true.',
      writer:
        '`host`: a host records it by many short processes, so that none of them ending means a crash. Default: this process.',
      refs: 'Existing items, by adapter and its own name, as in `{ tracker: { issue: "ENG-1" } }`: the adapter adopts it.',
      metadata: 'Any JSON; keys that begin with `$` are refused. Default empty.',
      exclusive:
        'Refuses to start while another session of the same project, workspace and agent is active. Default false.',
      continue: "Takes over the progress of the project's newest session. Default false.",
      ...CALL,
    },
  },
  update: {
    about: 'Records a step that was done.',
    fields: {
      description: 'The step that was done; cut at 64 KiB.',
      progress: 'Progress in percent, 0 to 100, rounded; may fall. Default as it was.',
      tags: 'Words to find it by, each cut at 2 KiB; blank ones are left out. Default none.',
      nextSteps: 'The next steps, each cut at 64 KiB; cards show those of the newest update.',
      goal: "Replaces the session's goal, and with it the title; cut at 64 KiB.",
      usage: 'Usage of a model for this step.',
      author: AUTHOR,
      ...CALL,
    },
  },
  message: {
    about: 'Records a message of the conversation.',
    fields: {
      role: 'Author: `user`, `assistant`, `system` or `tool`.',
      content: 'The text; cut at 64 KiB. It stays in the store unless an adapter asks for messages.',
      turnId: 'The turn it belongs to.',
      replyTo: 'The id of the message it answers.',
      name: 'The name of its author or tool; cut at 2 KiB.',
      model: 'The model that wrote it; cut at 2 KiB.',
      usage: 'Usage of the model for it.',
      ...CALL,
    },
  },
  decision: {
    about: 'Records a choice that was made.',
    fields: {
      content: 'The choice that was made; cut at 64 KiB.',
      rationale: 'The reason; cut at 64 KiB.',
      alternatives: 'The alternatives that were considered, each cut at 64 KiB. Default none.',
      impact: 'The consequences; cut at 64 KiB.',
      category: 'A word for its kind, as in `architecture`; cut at 2 KiB.',
      supersedes: 'The `decisionId` of an earlier decision of this session that no longer holds.',
      relatedEntities:
        'Names of entities it concerns, as `entity` recorded them; each cut at 2 KiB. Default none.',
      author: AUTHOR,
      ...CALL,
    },
  },
  entity: {
    about: 'Records something the work touched.',
    fields: {
      name: 'Its name, as in `InvoiceLock`; cut at 2 KiB.',
      type: 'A word for its type: file, class, pull request, pipeline; cut at 2 KiB.',
      path: "Its location: a file's path or a web address; cut at 2 KiB.",
      description: 'Its purpose; cut at 64 KiB.',
      properties: 'Any JSON; keys that begin with `$` are refused. Default empty.',
      author: AUTHOR,
      ...CALL,
    },
  },
  blocker: {
    about: 'Records an obstacle.',
    fields: {
      description: 'The obstacle; cut at 64 KiB.',
      category: 'A word for where it comes from; default `general`. Cut at 2 KiB.',
      severity: 'How much it hinders: `low`, `medium`, `high` or `critical`; default `medium`.',
      relatedUpdates: 'Event ids of updates it concerns.',
      relatedEntities: 'Names of entities it concerns, as `entity` recorded them; each cut at 2 KiB.',
      author: AUTHOR,
      ...CALL,
    },
  },
  resolve: {
    about: 'Records that an obstacle is gone.',
    fields: {
      blockerId: "The blocker's id.",
      resolution: 'How it was resolved; cut at 64 KiB.',
      author: AUTHOR,
      ...CALL,
    },
  },
  close: {
    about: 'Ends the session.',
    fields: {
      end: 'How it ended; default `completed`.',
      summary: 'The result, shown on the card; cut at 64 KiB.',
      progress: 'Progress in percent, 0 to 100, rounded; default as it was.',
      usage: 'Usage of a model that no other call has counted.',
      author: AUTHOR,
      ...CALL,
    },
  },
  resume: {
    about: 'Reopens a session that ended.',
    fields: {
      reason: 'The reason; cut at 64 KiB.',
      ...CALL,
    },
  },
  export: {
    about: 'Records an export of the session.',
    fields: {
      format: 'The format: `json`, `markdown` or `context`; default `markdown`.',
    },
  },
}
