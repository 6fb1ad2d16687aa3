/** A picture of one's own: from a file, dropped, or from the camera. It never leaves the page. */

import { atEnd, button, html, listen, named, set } from "../core/dom";

/** Pixels of a photograph, cut to the square in its middle. */
export interface Photo {
  readonly rgba: Uint8ClampedArray;
  readonly side: number;
}

/** Photographs are drawn this small before boxes are averaged exactly: more is not to be seen in 128 × 128. */
const SIDE = 512;
const MOST_BYTES = 200e6;
const KINDS = "PNG, JPEG, WebP and GIF";

/** The square in the middle of a picture, at most 512 pixels wide. */
function photo(source: CanvasImageSource, width: number, height: number): Photo {
  const cut = Math.min(width, height);
  const side = Math.min(SIDE, Math.max(128, cut));
  const canvas = html("canvas", { width: side, height: side });
  const context = canvas.getContext("2d", { willReadFrequently: true });
  if (!context || !cut) throw new Error("no picture");
  context.fillStyle = "#fff";
  context.fillRect(0, 0, side, side);
  // A few large pixels stay pixels.
  context.imageSmoothingEnabled = cut >= side;
  context.imageSmoothingQuality = "high";
  context.drawImage(source, (width - cut) / 2, (height - cut) / 2, cut, cut, 0, 0, side, side);
  return { rgba: context.getImageData(0, 0, side, side).data, side };
}

export function ownPicture(
  signal: AbortSignal,
  take: (photo: Photo, name: string) => void,
  say: (text: string) => void,
) {
  const file = html("input", { type: "file", accept: "image/*", hidden: true, "aria-label": "Picture file" });
  const open = button("Open…", "Open a picture of your own", signal, () => file.click());
  const camera = button("Camera", "Take a picture with the camera", signal, () => void look());
  // Without a secure connection there is no camera to ask for.
  camera.hidden = !globalThis.navigator?.mediaDevices?.getUserMedia;
  const video = html("video", { muted: true, playsinline: true, "aria-label": "What the camera sees" });
  const shoot = button("Take it", "Take it", signal, () => {
    if (video.videoWidth) take(photo(video, video.videoWidth, video.videoHeight), "the camera");
    stop();
  });
  const finder = html(
    "div.sg-camera",
    named("Camera"),
    { hidden: true },
    video,
    html(
      "div.sg-row",
      shoot,
      button("Cancel", "Cancel", signal, () => stop()),
    ),
  );
  let stream: MediaStream | undefined;

  async function read(picture: File): Promise<void> {
    if (picture.size > MOST_BYTES) {
      say(`“${picture.name}” has ${Math.round(picture.size / 1e6)} MB, too many to open here: take a smaller picture.`);
      return;
    }
    try {
      const bitmap = await createImageBitmap(picture);
      if (signal.aborted) return bitmap.close();
      take(photo(bitmap, bitmap.width, bitmap.height), picture.name);
      bitmap.close();
    } catch {
      if (!signal.aborted) say(`“${picture.name}” can't be read as a picture: open one of the kinds ${KINDS}.`);
    }
  }

  async function look(): Promise<void> {
    if (stream) return stop();
    try {
      stream = await navigator.mediaDevices.getUserMedia({ video: { width: 640, height: 480 } });
      if (signal.aborted) return stop();
      video.srcObject = stream;
      finder.hidden = false;
      await video.play();
      shoot.focus();
    } catch {
      stop();
      if (!signal.aborted) say("There is no camera here, or this page may not use it: open a file instead.");
    }
  }

  function stop(): void {
    for (const track of stream?.getTracks() ?? []) track.stop();
    stream = undefined;
    video.srcObject = null;
    finder.hidden = true;
  }
  atEnd(signal, stop);

  listen(
    file,
    "change",
    () => {
      const chosen = file.files?.[0];
      // The same file may be opened again.
      if (chosen) void read(chosen).then(() => (file.value = ""));
    },
    signal,
  );

  return {
    element: html("span.sg-row.sg-own", set(open, { class: "sg-mini" }), set(camera, { class: "sg-mini" }), file),
    finder,
    /** Let a picture be dropped on an element. */
    dropOn(target: HTMLElement): void {
      listen(
        target,
        ["dragover", "drop", "dragleave"],
        (event) => {
          const dropped = [...(event.dataTransfer?.files ?? [])];
          if (event.type !== "dragleave" && event.dataTransfer?.types.includes("Files")) event.preventDefault();
          target.toggleAttribute("data-drop", event.type === "dragover");
          if (event.type !== "drop" || !dropped[0]) return;
          event.stopPropagation();
          void read(dropped[0]);
        },
        signal,
      );
    },
  };
}
