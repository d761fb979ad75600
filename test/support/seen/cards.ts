/** Pictures made for a test. */
import { PNG } from "pngjs";

/** Eight coloured bars over a grey ramp, with a white edge: what is cut off or stretched is seen. */
export function testCard(width: number, height: number): Buffer {
  const colours = [0xffffff, 0xffff00, 0x00ffff, 0x00ff00, 0xff00ff, 0xff0000, 0x0000ff, 0x202020];
  return drawn(width, height, (x, y) => {
    if (x === 0 || y === 0 || x === width - 1 || y === height - 1) return 0xffffff;
    if (y < height * 0.7) return colours[Math.floor((x * 8) / width)] ?? 0;
    return Math.floor((x * 255) / width) * 0x010101;
  });
}

export function plain(width: number, height: number, colour: number): Buffer {
  return drawn(width, height, () => colour);
}

export function drawn(width: number, height: number, colourAt: (x: number, y: number) => number): Buffer {
  const png = new PNG({ width, height });
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const colour = colourAt(x, y);
      png.data.set([colour >> 16, (colour >> 8) & 255, colour & 255, 255], (y * width + x) * 4);
    }
  }
  return PNG.sync.write(png);
}
