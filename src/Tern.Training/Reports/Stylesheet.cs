namespace Tern.Training.Reports;

/// <summary>How the report looks: light, dark, narrow, printed. No ampersand and no less-than sign, so that the page stays XML.</summary>
internal static class Stylesheet
{
    public const string Css = """

        :root {
          color-scheme: light dark;
          --page: #ffffff; --soft: #f4f6f8; --line: #dfe3e8; --text: #1b2127; --muted: #5a6673; --link: #0b62a4;
          --good: #17803d; --bad: #c62f2f;
          --c0: #5b6b7b; --c1: #c77700; --c2: #0b72b9; --c3: #7a4fc0; --c4: #0f8a6a; --c5: #b5387a;
        }
        @media screen and (prefers-color-scheme: dark) {
          :root {
            --page: #13171b; --soft: #1c2228; --line: #323a43; --text: #e7ebef; --muted: #9ba7b3; --link: #74b9f0;
            --good: #3fb968; --bad: #f0625d;
            --c0: #a3b1bf; --c1: #f0a63a; --c2: #58b2f0; --c3: #b596f2; --c4: #45c9a2; --c5: #ee82b8;
          }
        }
        .n0 { --c: var(--c0); } .n1 { --c: var(--c1); } .n2 { --c: var(--c2); }
        .n3 { --c: var(--c3); } .n4 { --c: var(--c4); } .n5 { --c: var(--c5); }
        .n6 { --c: var(--c0); } .n7 { --c: var(--c1); } .n8 { --c: var(--c2); }
        .n9 { --c: var(--c3); } .n10 { --c: var(--c4); } .n11 { --c: var(--c5); }

        * { box-sizing: border-box; }
        html { scroll-behavior: smooth; -webkit-text-size-adjust: 100%; }
        body {
          margin: 0 auto; max-width: 1140px; padding: 0 28px 96px; background: var(--page); color: var(--text);
          font: 15px/1.55 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", "Noto Sans", Arial, sans-serif;
        }
        header { padding: 56px 0 28px; }
        .eyebrow { margin: 0 0 18px; color: var(--muted); font-size: 13px; letter-spacing: .02em; }
        .eyebrow span::before { content: "/"; margin: 0 .6em; color: var(--line); }
        h1 {
          margin: 0; max-width: 26em; font-size: clamp(23px, 3.3vw, 36px); font-weight: 400; line-height: 1.25;
          letter-spacing: -.015em; text-wrap: balance;
        }
        h1 b { white-space: nowrap; font-weight: 650; font-variant-numeric: tabular-nums; }
        .lede { margin: 18px 0 0; color: var(--muted); font-size: 16px; }
        nav {
          position: sticky; top: 0; z-index: 1; display: flex; flex-wrap: wrap; gap: 2px 20px; padding: 11px 0;
          background: var(--page); border-bottom: 1px solid var(--line); font-size: 13.5px;
        }
        nav a { color: var(--muted); text-decoration: none; }
        nav a:hover { color: var(--link); text-decoration: underline; }
        section { padding-top: 44px; scroll-margin-top: 24px; }
        h2 { margin: 0 0 14px; font-size: 21px; font-weight: 620; letter-spacing: -.01em; }
        h3 { margin: 30px 0 6px; font-size: 15.5px; font-weight: 620; }
        .note:empty { display: none; }
        .note { margin: 10px 0; max-width: 74em; color: var(--muted); font-size: 13px; }
        code, pre { font: .92em/1.5 ui-monospace, "SF Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace; }
        small { color: var(--muted); font-size: 12px; }
        .dot { display: inline-block; width: 9px; height: 9px; margin-right: 8px; border-radius: 50%; background: var(--c); }
        .good { color: var(--good); } .bad { color: var(--bad); }

        .scroll { overflow-x: auto; }
        table { width: 100%; border-collapse: collapse; font-variant-numeric: tabular-nums lining-nums; }
        th, td {
          padding: 10px 0 10px 18px; border-bottom: 1px solid var(--line); text-align: right; vertical-align: top;
          white-space: nowrap;
        }
        th:first-child, td:first-child { padding-left: 0; text-align: left; }
        th { font-weight: 500; }
        thead th { color: var(--muted); font-size: 12.5px; vertical-align: bottom; }
        td small { display: block; line-height: 1.3; }
        .chain td b { font-weight: 650; }
        .bar { display: block; height: 3px; margin: 5px 0 0 auto; min-width: 2px; border-radius: 2px; background: var(--c); opacity: .75; }
        .protocol td { padding-top: 20px; color: var(--muted); font-size: 12.5px; white-space: normal; }

        dl { display: grid; grid-template-columns: max-content minmax(0, 1fr); gap: 7px 22px; margin: 0; font-size: 14px; }
        dt { color: var(--muted); }
        dd { margin: 0; overflow-wrap: anywhere; }
        pre {
          margin: 12px 0; max-height: 460px; overflow: auto; padding: 16px 18px; border-radius: 8px;
          background: var(--soft); font-size: 12.5px; tab-size: 2;
        }

        .pair, .grid {
          display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 400px), 1fr)); gap: 26px 44px;
          align-items: start;
        }
        .pair + .grid { margin-top: 26px; }
        .pair h3 { margin-top: 0; }
        .bits { display: grid; grid-template-columns: minmax(0, 1fr) minmax(0, 1fr) 172px; gap: 20px 30px; align-items: start; }
        figure { margin: 0; }
        .chart { max-width: 600px; }
        .chart figcaption { min-height: 46px; font-size: 13.5px; }
        .chart figcaption b { display: block; font-weight: 600; }
        .bits figcaption { min-height: 24px; }
        .chart svg { display: block; width: 100%; height: auto; overflow: visible; }
        .legend { display: inline-flex; flex-wrap: wrap; gap: 0 14px; color: var(--muted); font-size: 12.5px; }
        .legend svg { display: inline-block; width: 24px; height: 8px; margin-right: 6px; }
        .frame path { fill: none; stroke: var(--line); stroke-width: 1; }
        .frame text { fill: var(--muted); font-size: 11.5px; font-variant-numeric: tabular-nums; }
        .line { fill: none; stroke: var(--c); stroke-width: 2; stroke-linejoin: round; }
        .n1 .line { stroke-dasharray: 7 3; } .n2 .line { stroke-dasharray: 2.5 2.5; } .n4 .line { stroke-dasharray: 9 3 2 3; }
        .n6 .line, .n9 .line { stroke-dasharray: 12 4; } .n7 .line, .n10 .line { stroke-dasharray: 4 4; } .n8 .line, .n11 .line { stroke-dasharray: 12 3 2 3 2 3; }
        circle { fill: var(--c); }
        .h0 { fill: #4477aa; } .h1 { fill: #cc6677; } .h2 { fill: #117733; } .h3 { fill: #ddaa33; } .h4 { fill: #aa4499; } .h5 { fill: #44aaaa; }
        .h6 { fill: #882255; } .h7 { fill: #77aadd; } .h8 { fill: #ee8866; } .h9 { fill: #99aa33; } .h10 { fill: #7788cc; } .h11 { fill: #997755; }
        h4 { margin: 18px 0 0; font-size: 13.5px; font-weight: 600; }
        .marked { fill: var(--page); stroke: var(--c); stroke-width: 2; }
        .term { --c: var(--muted); } .term .line { stroke-width: 1.4; } .term circle { r: 1.5px; }
        .t0 .line { stroke-dasharray: none; }
        .t1 .line { stroke-dasharray: 6 3; } .t2 .line { stroke-dasharray: 2 2; } .t3 .line { stroke-dasharray: 8 2 2 2; }
        rect { fill: var(--c); opacity: .82; }
        .foundation { stroke: var(--muted); stroke-width: 1; }
        .heat img { display: block; width: 100%; height: auto; image-rendering: pixelated; border: 1px solid var(--line); }
        .scale { display: flex; flex-wrap: wrap; justify-content: space-between; margin-top: 8px; color: var(--muted); font-size: 11.5px; }
        .scale i {
          flex: 0 0 100%; height: 6px; border-radius: 3px;
          background: linear-gradient(to right, rgb(214 88 30 / 0), rgb(214 88 30));
          box-shadow: inset 0 0 0 1px var(--line);
        }
        .heat .note { margin: 2px 0; font-size: 11.5px; }
        .facts {
          display: flex; flex-wrap: wrap; gap: 2px 26px; margin: 0 0 10px; padding: 0; list-style: none;
          color: var(--muted); font-size: 13.5px;
        }
        .facts b { color: var(--text); font-weight: 600; font-variant-numeric: tabular-nums; }

        .tabs { display: flex; flex-wrap: wrap; gap: 8px; margin-top: 16px; }
        .tabs input { position: absolute; opacity: 0; pointer-events: none; }
        .tabs label { padding: 6px 14px; border: 1px solid var(--line); border-radius: 8px; cursor: pointer; font-size: 13.5px; }
        .tabs label small { margin-left: 8px; }
        .tabs input:checked + label { border-color: var(--c); background: var(--soft); box-shadow: inset 0 0 0 1px var(--c); }
        .tabs input:focus-visible + label { outline: 2px solid var(--link); outline-offset: 2px; }
        .panel { display: none; order: 1; flex: 0 0 100%; min-width: 0; }
        .tabs input:checked + label + .panel { display: block; }
        .query { display: flex; gap: 28px; padding: 18px 0 14px; border-bottom: 1px solid var(--line); break-inside: avoid; }
        .query figure { width: 78px; }
        .query > figure { flex: none; width: 96px; }
        .query figcaption {
          overflow: hidden; font-size: 12.5px; line-height: 1.35; text-overflow: ellipsis;
          font-variant-numeric: tabular-nums;
        }
        .query b { font-weight: 600; overflow-wrap: anywhere; }
        .query figcaption small { display: block; overflow: hidden; text-overflow: ellipsis; }
        .picture { display: block; width: 100%; aspect-ratio: 1; border-radius: 4px; background: var(--soft); }
        .found { display: flex; flex-wrap: wrap; gap: 12px 14px; min-width: 0; padding: 3px 0; }
        .picture + figcaption { margin-top: 7px; }
        .found .picture { outline: 3px solid var(--frame); }
        .found figcaption { color: var(--frame); font-weight: 550; }
        .found figcaption small { color: var(--frame); font-weight: 400; white-space: nowrap; }
        .right { --frame: var(--good); } .wrong { --frame: var(--bad); }
        .sheet { position: absolute; width: 0; height: 0; }

        @media (max-width: 820px) {
          .bits { grid-template-columns: minmax(0, 1fr); }
          .heat { max-width: 220px; }
        }
        @media (max-width: 620px) {
          body { padding: 0 16px 64px; }
          header { padding-top: 32px; }
          nav { position: static; }
          dl { grid-template-columns: minmax(0, 1fr); gap: 0; }
          dd { margin-bottom: 10px; }
          .query { gap: 16px; }
          .query figure { width: 54px; }
          .query > figure { width: 68px; }
          table { font-size: 13.5px; }
          th, td { padding-left: 14px; }
          th:first-child { position: sticky; left: 0; background: var(--page); }
        }
        @media print {
          body { max-width: none; padding: 0; font-size: 10.5pt; print-color-adjust: exact; -webkit-print-color-adjust: exact; }
          nav, .tabs input { display: none; }
          header { padding-top: 0; }
          section { padding-top: 24px; }
          h2, h3 { break-after: avoid; }
          figure, tr { break-inside: avoid; }
          pre { max-height: none; overflow: visible; white-space: pre-wrap; }
          .tabs { display: block; }
          .tabs label { display: inline-block; margin-top: 14px; break-after: avoid; }
          .panel { display: block; }
          table { font-size: 9pt; }
          th, td { padding-left: 10px; }
          thead th { font-size: 8pt; white-space: normal; }
          .pair, .grid { grid-template-columns: repeat(2, minmax(0, 1fr)); gap: 20px 28px; }
          .bits { grid-template-columns: minmax(0, 1fr) minmax(0, 1fr) 110px; gap: 16px; }
          .query { gap: 18px; }
          .query > figure { width: 64px; }
          .found figure { width: 45px; }
          .found { gap: 10px; }
          .found figcaption small { font-size: 9.5px; }
          .frame text { font-size: 14.5px; }
          @page { margin: 15mm; }
        }

        """;
}
