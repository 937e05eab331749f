import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";

export default defineConfig({
  plugins: [react()],
  build: { outDir: "dist", emptyOutDir: true },
  server: { proxy: { "/api": "http://127.0.0.1:3000" } },
  test: { environment: "jsdom", testTimeout: 120_000, hookTimeout: 120_000, setupFiles: "./src/testSetup.ts" },
});
