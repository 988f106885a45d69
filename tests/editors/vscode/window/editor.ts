/** VS Code's workbench (code-server) in a headless browser, and what a person does in it. */

import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import * as path from "node:path";

import { type Browser, type FrameLocator, type Locator, type Page, chromium } from "playwright-core";

const SCREENSHOTS = process.env["SCREENSHOTS"] ?? path.join(tmpdir(), "promptls-screenshots");

/** Milliseconds for one attempt at what may need several. */
const PATIENCE = 6000;

/** Quiet: no chat, no welcome page, nothing from the network. */
const SETTINGS = {
  "chat.disableAIFeatures": true,
  "workbench.secondarySideBar.defaultVisibility": "hidden",
  "workbench.startupEditor": "none",
  "workbench.enableExperiments": false,
  "telemetry.telemetryLevel": "off",
  "extensions.autoCheckUpdates": false,
  "files.autoSave": "off",
  "editor.minimap.enabled": false,
  "editor.hover.delay": 100,
  "window.commandCenter": false,
};

export interface EditorOptions {
  readonly vsix: string;
  readonly workspace: string;
  readonly settings?: Record<string, unknown>;
  /** Whether VS Code asks for trust, and the workspace has none yet. */
  readonly restricted?: boolean;
  readonly env?: NodeJS.ProcessEnv;
  /** Folders of further extensions. */
  readonly extensions?: readonly string[];
}

export class Editor {
  readonly page: Page;
  /** Where its settings, extensions and storage are. */
  readonly folder: string;
  private readonly server: ChildProcess;
  private readonly browser: Browser;

  private constructor(page: Page, folder: string, server: ChildProcess, browser: Browser) {
    this.page = page;
    this.folder = folder;
    this.server = server;
    this.browser = browser;
  }

  static async start(options: EditorOptions): Promise<Editor> {
    const folder = mkdtempSync(path.join(tmpdir(), "promptls-vscode-"));
    const codeServer = required("CODE_SERVER");
    const folders = ["--extensions-dir", path.join(folder, "extensions"), "--user-data-dir", path.join(folder, "data")];
    // What depends on the machine, as paths do, is not taken from the user's settings in a remote window as this one is.
    const settings = { User: { ...SETTINGS, ...options.settings }, Machine: options.settings };
    for (const [name, values] of Object.entries(settings)) {
      mkdirSync(path.join(folder, "data", name), { recursive: true });
      writeFileSync(path.join(folder, "data", name, "settings.json"), JSON.stringify(values ?? {}));
    }
    for (const source of options.extensions ?? []) {
      cpSync(source, path.join(folder, "extensions", path.basename(source)), { recursive: true });
    }
    // Started as if from a terminal: VS Code would ask a login shell for the environment otherwise.
    const env = { ...process.env, VSCODE_CLI: "1", ...options.env };
    const installed = spawnSync(codeServer, [...folders, "--install-extension", options.vsix], { env, encoding: "utf8" });
    if (installed.status !== 0) {
      throw new Error(`the .vsix was not installed: ${installed.stdout}${installed.stderr}`);
    }
    const port = await freePort();
    const server = spawn(
      codeServer,
      [
        ...folders,
        ...["--bind-addr", `127.0.0.1:${port}`, "--auth", "none", "--disable-telemetry", "--disable-update-check"],
        ...["--disable-getting-started-override", ...(options.restricted ? [] : ["--disable-workspace-trust"])],
      ],
      { env, detached: true, stdio: "ignore" },
    );
    await answering(`http://127.0.0.1:${port}/healthz`);
    const browser = await chromium.launch({
      executablePath: required("CHROMIUM"),
      args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"],
    });
    const page = await browser.newPage({ viewport: { width: 1400, height: 900 } });
    page.setDefaultTimeout(45_000);
    const kind = options.workspace.endsWith(".code-workspace") ? "workspace" : "folder";
    await page.goto(`http://127.0.0.1:${port}/?${kind}=${options.workspace}`);
    await page.locator(".monaco-workbench .statusbar").waitFor({ timeout: 120_000 });
    return new Editor(page, folder, server, browser);
  }

  /** Ends the browser, the server and all that it has started; removes its folders. */
  async stop(): Promise<void> {
    await this.browser.close();
    const gone = new Promise((resolve) => this.server.once("exit", resolve));
    process.kill(-this.server.pid!, "SIGTERM");
    await Promise.race([gone, pause(5000)]);
    try {
      process.kill(-this.server.pid!, "SIGKILL");
    } catch {
      // All of them are gone.
    }
    rmSync(this.folder, { recursive: true, force: true, maxRetries: 5 });
  }

  /** Changes the machine's settings as a person does who edits the file. */
  set(settings: Record<string, unknown>): void {
    const file = path.join(this.folder, "data/Machine/settings.json");
    writeFileSync(`${file}.new`, JSON.stringify(settings));
    renameSync(`${file}.new`, file);
  }

  async screenshot(name: string): Promise<void> {
    mkdirSync(SCREENSHOTS, { recursive: true });
    await this.page.screenshot({ path: path.join(SCREENSHOTS, `${name}.png`) });
  }

  /** What the extension has written into its output. */
  output(): string {
    const logs = path.join(this.folder, "data/logs");
    if (!existsSync(logs)) {
      return "";
    }
    const files = readdirSync(logs, { recursive: true, encoding: "utf8" }).filter((name) => name.endsWith("promptls.log"));
    return files.map((name) => readFileSync(path.join(logs, name), "utf8")).join("\n");
  }

  /** Runs a command of the palette by its title. */
  async command(title: string): Promise<void> {
    await this.choose("F1", `>${title}`, (rows) => rows.filter({ hasText: title }));
  }

  /** Opens a file of the workspace, and waits until it can be typed in. */
  async open(file: string): Promise<void> {
    const { base, dir } = path.parse(file);
    const named = this.page.locator(`[aria-label^="${base}"]`);
    const tab = this.page.locator(`.tab.active[data-resource-name="${base}"]`);
    await this.choose("Control+P", file, (rows) => rows.and(named).filter({ hasText: dir }), tab);
    await this.page.locator(".editor-instance .view-line").first().waitFor();
  }

  /** Puts the cursor somewhere; lines and columns begin at 1. */
  async goTo(line: number, column: number): Promise<void> {
    const there = this.statusItem(`Ln ${line}, Col ${column}`);
    await this.choose("Control+G", `:${line}:${column}`, (rows) => rows.filter({ hasText: `line ${line}` }), there);
  }

  /**
   * Types into the box that a key opens, and takes what it offers, until `done` is to be seen. More than one attempt may
   * be needed: keys go astray while a box closes, and rows move under the mouse while more of them are found.
   */
  private async choose(key: string, text: string, offered: (rows: Locator) => Locator, done?: Locator): Promise<void> {
    const box = this.page.locator(".quick-input-widget:visible");
    for (let attempts = 5; ; attempts--) {
      try {
        await this.page.keyboard.press(key);
        await box.locator("input[type=text]").fill(text, { timeout: PATIENCE });
        const row = offered(box.locator(".monaco-list-row")).first();
        await row.waitFor({ timeout: PATIENCE });
        await settled(() => box.locator(".monaco-list-rows").first().innerText());
        await row.click({ timeout: PATIENCE });
        await row.waitFor({ state: "hidden", timeout: PATIENCE });
        await done?.waitFor({ timeout: PATIENCE });
        return;
      } catch (error) {
        if (attempts === 0) {
          throw error;
        }
        await this.page.keyboard.press("Escape");
      }
    }
  }

  async type(text: string): Promise<void> {
    await this.page.keyboard.type(text, { delay: 15 });
  }

  async press(...keys: string[]): Promise<void> {
    for (const key of keys) {
      await this.page.keyboard.press(key);
    }
  }

  async save(): Promise<void> {
    await this.page.keyboard.press("Control+S");
    await this.page.locator(".tab.active:not(.dirty)").waitFor();
  }

  /** Closes every editor, throwing away what was not saved. */
  async closeAll(): Promise<void> {
    await this.press("Escape", "Escape");
    for (let left = await this.dirtyTabs().count(); left > 0; left--) {
      await this.dirtyTabs().first().click();
      await this.command("View: Revert and Close Editor");
      await eventually(() => this.dirtyTabs().count(), (count) => count < left);
    }
    await this.command("View: Close All Editors");
    await eventually(() => this.page.locator(".tab").count(), (count) => count === 0);
  }

  private dirtyTabs(): Locator {
    return this.page.locator(".tab.dirty");
  }

  /** Shows the Problems view with what has a text in it. */
  async problems(filter: string): Promise<Locator> {
    await this.command("Problems: Focus on Problems View");
    await this.page.locator(".panel .viewpane-filter input, .panel .monaco-inputbox input").first().fill(filter);
    return this.page.locator(".markers-panel .monaco-list-row");
  }

  /** The item of the status bar with a text. */
  statusItem(text: string | RegExp): Locator {
    return this.page.locator(".statusbar-item", { hasText: text }).first();
  }

  /** The words under squiggles of a severity, by where they are drawn. */
  squiggled(severity: "error" | "warning" | "info"): Promise<string[]> {
    return this.page.evaluate((name) => {
      const words: string[] = [];
      for (const mark of document.querySelectorAll(`.editor-instance .squiggly-${name}`)) {
        const box = mark.getBoundingClientRect();
        let word = "";
        for (const line of document.querySelectorAll(".editor-instance .view-line")) {
          const around = line.getBoundingClientRect();
          const middle = (box.top + box.bottom) / 2;
          if (middle < around.top || middle > around.bottom) {
            continue;
          }
          const walker = document.createTreeWalker(line, NodeFilter.SHOW_TEXT);
          for (let node = walker.nextNode(); node; node = walker.nextNode()) {
            for (let i = 0; i < (node.textContent ?? "").length; i++) {
              const range = document.createRange();
              range.setStart(node, i);
              range.setEnd(node, i + 1);
              const { left, right } = range.getBoundingClientRect();
              if ((left + right) / 2 > box.left && (left + right) / 2 < box.right) {
                word += node.textContent![i];
              }
            }
          }
        }
        words.push(word.replaceAll("\u00a0", " "));
      }
      return words;
    }, severity);
  }

  /** The visible text of the active editor. */
  async visibleText(): Promise<string> {
    const lines = this.page.locator(".editor-group-container.active .view-line");
    const placed = await lines.evaluateAll((all) =>
      all.map((line) => [line.getBoundingClientRect().top, line.textContent ?? ""] as const),
    );
    return placed
      .sort(([a], [b]) => a - b)
      .map(([, text]) => text.replaceAll("\u00a0", " "))
      .join("\n");
  }

  /** The page inside the preview panel. */
  preview(): FrameLocator {
    return this.page.frameLocator("iframe.webview.ready").frameLocator("iframe#active-frame");
  }

  /** How well the preview's texts stand out from what is behind them: WCAG's contrast ratios, from 1 to 21. */
  async previewContrasts(): Promise<[string, number][]> {
    return this.preview().locator("body").evaluate((body) => {
      const pixel = document.createElement("canvas").getContext("2d", { willReadFrequently: true })!;
      const luminance = (layers: string[]): number => {
        layers.forEach((layer) => {
          pixel.fillStyle = layer;
          pixel.fillRect(0, 0, 1, 1);
        });
        const linear = [...pixel.getImageData(0, 0, 1, 1).data]
          .map((value) => value / 255)
          .map((value) => (value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4));
        return 0.2126 * linear[0]! + 0.7152 * linear[1]! + 0.0722 * linear[2]!;
      };
      const page = getComputedStyle(body).getPropertyValue("--vscode-editor-background");
      return ["h1", ".facts", ".role", ".tokens", ".text", ".printed", ".name", ".hint"].flatMap((selector) => {
        const found = document.querySelector(selector);
        if (!found) {
          return [];
        }
        const behind: string[] = [];
        for (let each: Element | null = found; each; each = each.parentElement) {
          behind.unshift(getComputedStyle(each).backgroundColor);
        }
        const back = luminance([page, ...behind]);
        const front = luminance([page, ...behind, getComputedStyle(found).color]);
        return [[selector, (Math.max(back, front) + 0.05) / (Math.min(back, front) + 0.05)] as [string, number]];
      });
    });
  }

  notification(text: string | RegExp = ""): Locator {
    return this.page.locator(".notification-toast", { hasText: text });
  }

  /** The extension's item in the status bar, by what it says in words. */
  status(says: string): Locator {
    return this.page.locator(`.statusbar-item[aria-label^="promptls: "][aria-label*=${JSON.stringify(says)}]`);
  }
}

/** Asks again and again until an answer fits; says the last answer when it never does. */
export async function eventually<T>(ask: () => Promise<T>, fits: (answer: T) => boolean, seconds = 45): Promise<T> {
  const end = Date.now() + seconds * 1000;
  for (;;) {
    const answer = await ask();
    if (fits(answer)) {
      return answer;
    }
    if (Date.now() > end) {
      throw new Error(`still ${JSON.stringify(answer)} after ${seconds} s`);
    }
    await pause(100);
  }
}

/** Waits until an answer stays the same for a while. */
async function settled(ask: () => Promise<string>): Promise<void> {
  for (let before = "", now = await ask(); now !== before; now = await ask()) {
    before = now;
    await pause(200);
  }
}

export function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

/** The processes with this test's home folder whose command line holds a text. Linux only. */
export function processes(text: string): { readonly id: number; readonly command: string }[] {
  return readdirSync("/proc").flatMap((name) => {
    try {
      const command = /^\d+$/.test(name) ? readFileSync(`/proc/${name}/cmdline`, "utf8").replaceAll("\0", " ").trim() : "";
      const isOurs = readFileSync(`/proc/${name}/environ`, "utf8").split("\0").includes(`HOME=${process.env["HOME"]}`);
      return isOurs && command.includes(text) && !command.includes("--test") ? [{ id: Number(name), command }] : [];
    } catch {
      return [];
    }
  });
}

export function required(name: string): string {
  const value = process.env[name];
  if (!value) {
    throw new Error(`the environment variable ${name} is missing; start these tests with pytest`);
  }
  return value;
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const probe = createServer().listen(0, "127.0.0.1", () => {
      const address = probe.address();
      probe.close(() => resolve(typeof address === "object" && address ? address.port : 0));
    });
  });
}

async function answering(url: string): Promise<void> {
  await eventually(() => fetch(url).then((answer) => answer.ok, () => false), Boolean, 60);
}
