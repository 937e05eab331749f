import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";

// Two pages: the console at /console/ and whatever path is below it, and the GraphQL
// playground at /playground/ and /api/playground/. All links but those of the console's
// page are relative, to be right at each.
export default defineConfig({
  base: "./",
  plugins: [react()],
  build: {
    outDir: "dist", emptyOutDir: true, chunkSizeWarningLimit: 1000,
    rollupOptions: { input: ["index.html", "playground.html"] },
  },
  experimental: {
    renderBuiltUrl: (file, { hostType, hostId }) => (hostType === "html" && hostId === "index.html" ? "/console/" + file : { relative: true }),
  },
  server: { proxy: { "/console/api": "http://127.0.0.1:8080" } },
  test: { environment: "jsdom", testTimeout: 120_000, hookTimeout: 120_000, setupFiles: "./src/testSetup.ts" },
});
