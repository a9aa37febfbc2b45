/** Access levels, from the lowest to the gravest. */
export const accessLevels = ["read", "list", "write", "delete", "admin"] as const;
export type AccessLevel = (typeof accessLevels)[number];

/** Reasons why an action is administration, each as the rest of a sentence that begins with the action. */
export const administrationTexts = {
  access: "changes who can reach data",
  retention: "changes what is kept or destroyed",
  logging: "changes what is logged or reported",
} as const;
export type Administration = keyof typeof administrationTexts;
