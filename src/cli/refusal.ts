/** An error of the user's, said in one line. */
export class Refusal extends Error {}
