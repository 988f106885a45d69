/** What went wrong, in one sentence for a person, with what can be done about it. */

export type Step = "install" | "reinstall" | "restart" | "settings" | "output";

export class Problem extends Error {
  /** `message` is a whole sentence or two that names the next step; `steps` are the buttons to offer for it. */
  constructor(
    message: string,
    readonly steps: readonly Step[],
  ) {
    super(message);
    this.name = "Problem";
  }
}

/** The work was given up by the person, which is nothing to report. */
export class Cancelled extends Error {
  constructor() {
    super("cancelled");
    this.name = "Cancelled";
  }
}
