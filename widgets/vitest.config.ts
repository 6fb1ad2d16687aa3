import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    // A test of src/math runs without a DOM; one that needs it opens with `// @vitest-environment jsdom`, or stands in
    // a file named *.dom.test.ts. Either way the time to start jsdom is only paid where it is used.
    projects: [
      {
        test: {
          name: "plain",
          testTimeout: 60_000, // a loaded machine is slow, not wrong
          environment: "node",
          include: ["tests/**/*.test.ts"],
          exclude: ["tests/**/*.dom.test.ts"],
        },
      },
      { test: { name: "dom", testTimeout: 60_000, environment: "jsdom", include: ["tests/**/*.dom.test.ts"] } },
    ],
    passWithNoTests: true,
  },
});
