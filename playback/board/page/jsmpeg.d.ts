/** What is used of the package `@cycjimmy/jsmpeg-player`; the server gives it under this name. */
interface Decoder {
  write(pts: number, buffers: unknown): void;
  connect(renderer: Renderer): void;
  /** Whether there was a whole frame, which is drawn by now. */
  decode(): boolean;
}
interface Renderer {
  readonly canvas: HTMLCanvasElement;
  readonly width: number;
  readonly height: number;
}
interface Demuxer {
  connect(stream: number, decoder: Decoder): void;
  write(data: ArrayBuffer): void;
}
interface Options {
  readonly canvas: HTMLCanvasElement;
  readonly streaming: true;
  readonly decodeFirstFrame: false;
  readonly videoBufferSize: number;
}
interface Player {
  readonly Demuxer: { readonly TS: { new (options: Options): Demuxer; readonly STREAM: { readonly VIDEO_1: number } } };
  readonly Decoder: { readonly MPEG1Video: new (options: Options) => Decoder };
  readonly Renderer: { readonly Canvas2D: new (options: Options) => Renderer };
}
declare const player: Player;
// biome-ignore lint/style/noDefaultExport: as the package has it
export default player;
