package main

import (
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"golang.org/x/term"

	"github.com/astrolabe-db/astrolabe/internal/migrate"
)

// progressDisplay shows how far a migration is: a bar that is drawn anew on a
// terminal, else a line now and then.
type progressDisplay struct {
	out      io.Writer
	terminal bool
	drawn    bool
	phase    string
	told     time.Time
}

const (
	// linePeriod is how often a line is written where there is no terminal.
	linePeriod = 10 * time.Second
	barWidth   = 30
)

func newProgressDisplay(out io.Writer) *progressDisplay {
	f, ok := out.(*os.File)
	return &progressDisplay{out: out, terminal: ok && term.IsTerminal(int(f.Fd()))}
}

// show is called one at a time.
func (d *progressDisplay) show(p migrate.Progress) {
	if d.terminal {
		fmt.Fprintf(d.out, "\r\x1b[K%s", progressBar(p))
		d.drawn = true
		if p.Last {
			d.end()
		}
		return
	}
	if now := time.Now(); p.Last || p.Phase != d.phase || now.Sub(d.told) >= linePeriod {
		fmt.Fprintln(d.out, progressLine(p))
		d.phase, d.told = p.Phase, now
	}
}

// end leaves the line of the bar.
func (d *progressDisplay) end() {
	if d.drawn {
		fmt.Fprintln(d.out)
		d.drawn = false
	}
}

func progressBar(p migrate.Progress) string {
	if p.Total == 0 {
		return progressLine(p)
	}
	filled := int(min(p.Done, p.Total) * barWidth / p.Total)
	return fmt.Sprintf("%-9s [%s%s] %s", p.Phase, strings.Repeat("#", filled), strings.Repeat("-", barWidth-filled), progressNumbers(p))
}

func progressLine(p migrate.Progress) string {
	return fmt.Sprintf("%-9s %s", p.Phase, progressNumbers(p))
}

func progressNumbers(p migrate.Progress) string {
	text := fmt.Sprintf("%d rows", p.Done)
	if p.Total > 0 {
		text = fmt.Sprintf("%3d %%  %d of %d rows", min(p.Done, p.Total)*100/p.Total, p.Done, p.Total)
	}
	text += fmt.Sprintf("  %.0f rows/s", p.Rate)
	switch {
	case p.Last:
		return text + "  done"
	case p.Left > 0:
		text += "  " + p.Left.Round(time.Second).String() + " left"
	}
	return text + "  " + p.Table
}
