// The README's pictures, of the real thing: written when SCREENSHOTS names a directory.
const directory = process.env.SCREENSHOTS;

/** Takes a picture of the page at a size, and gives the page its size back. */
export async function picture(page, name, viewport) {
  if (!directory) return;
  const before = page.viewportSize();
  await page.setViewportSize(viewport);
  await page.mouse.move(0, 0);
  await page.screenshot({ path: `${directory}/${name}.png`, animations: "disabled", caret: "hide" });
  await page.setViewportSize(before);
}
