import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

// The page is served below /playground and /api/playground: all its links are
// relative.
export default defineConfig({
  base: "./",
  plugins: [react()],
  build: { outDir: "dist", emptyOutDir: true, chunkSizeWarningLimit: 3000, assetsInlineLimit: 0 },
});
