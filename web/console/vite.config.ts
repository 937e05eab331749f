import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";

export default defineConfig({
  base: "/console/",
  plugins: [react()],
  build: { outDir: "dist", emptyOutDir: true, chunkSizeWarningLimit: 1000 },
  server: { proxy: { "/console/api": "http://127.0.0.1:8080" } },
  test: { environment: "jsdom", testTimeout: 120_000, hookTimeout: 120_000, setupFiles: "./src/testSetup.ts" },
});
