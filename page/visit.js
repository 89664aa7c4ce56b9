/**
 * The page's main flow, in a browser that nobody drives: a frame of this page's own origin, whose buttons are pressed by script. For `npm run page:firefox`.
 *
 * @param {string} url of the page
 * @returns what a visitor reads on the way
 */
export async function visit(url) {
  const frame = document.body.appendChild(Object.assign(document.createElement('iframe'), { src: url, width: 1000, height: 800 }));
  await new Promise((resolve) => frame.addEventListener('load', resolve, { once: true }));
  const page = frame.contentDocument;
  const { DataTransfer, DragEvent, Event, File } = frame.contentWindow;
  const text = (selector) => page.querySelector(selector)?.textContent ?? '';

  await until(() => page.querySelector('.verdict'));
  const seen = { first: text('.verdict'), how: text('.how'), strips: page.querySelectorAll('.strip').length };

  const slider = page.querySelector('input[type=range]');
  slider.value = '1';
  slider.dispatchEvent(new Event('input', { bubbles: true }));
  await until(() => page.querySelector('.verdict .then'));
  seen.changed = text('.verdict');

  const picture = await (await fetch(page.querySelector('.place img').src)).blob();
  const dataTransfer = new DataTransfer();
  dataTransfer.items.add(new File([picture], 'dropped.png', { type: 'image/png' }));
  page.querySelectorAll('.place')[1].dispatchEvent(new DragEvent('drop', { dataTransfer, bubbles: true, cancelable: true }));
  await until(() => page.querySelectorAll('.verdict').length === 2);
  seen.dropped = page.querySelectorAll('.verdict')[1].textContent;

  [...page.querySelectorAll('button')].find((button) => button.textContent === 'Verify').click();
  await until(() => page.querySelectorAll('.figures tbody tr').length === 3);
  seen.verdicts = [...page.querySelectorAll('.figures tbody tr')].map((row) => [...row.children].map((cell) => cell.textContent));
  return seen;
}

async function until(condition) {
  const begun = performance.now();
  while (!condition()) {
    if (performance.now() - begun > 60_000) throw new Error(`waited a minute for ${condition}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
