package migrate

import (
	"context"
	"sync"
	"time"

	"github.com/astrolabe-db/astrolabe/internal/backend"
)

// Progress says how far one phase is.
type Progress struct {
	// Phase is "counting", "copying" or "comparing", Table the table it is at.
	Phase, Table string
	// Done and Total are rows of all tables; Total is 0 while unknown.
	Done, Total int64
	// Rate is rows per second over the last seconds, and Left the time left at
	// that rate, 0 when unknown.
	Rate float64
	Left time.Duration
	// Last: the phase has ended.
	Last bool
}

// The meter reports that often, and averages its rate over that many reports.
const (
	reportPeriod = 200 * time.Millisecond
	rateWindow   = 50
)

// meter counts rows and reports. Its zero value reports to nobody.
type meter struct {
	report func(Progress)

	mu      sync.Mutex
	current Progress
	total   int64
	// samples are earlier readings, the oldest first.
	samples  []sample
	reported time.Time
}

type sample struct {
	at   time.Time
	done int64
}

// start goes on with a table; a new phase begins at zero.
func (m *meter) start(phase, table string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if phase != m.current.Phase {
		m.current = Progress{Phase: phase, Total: m.total}
		m.samples = append(m.samples[:0], sample{at: time.Now()})
	}
	m.current.Table = table
}

// end ends a phase.
func (m *meter) end() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.current.Last = true
	m.tell(time.Now())
}

// skip counts rows that were done in an earlier run: they say nothing of the rate.
func (m *meter) skip(rows int64) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.current.Done += rows
	for i := range m.samples {
		m.samples[i].done += rows
	}
}

func (m *meter) add(rows int64) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.current.Done += rows
	if now := time.Now(); now.Sub(m.reported) >= reportPeriod {
		m.tell(now)
	}
}

// tell reports; the caller holds m.mu.
func (m *meter) tell(now time.Time) {
	m.reported = now
	if m.report == nil {
		return
	}
	p := m.current
	if first := m.samples[0]; now.After(first.at) {
		p.Rate = float64(p.Done-first.done) / now.Sub(first.at).Seconds()
	}
	if m.samples = append(m.samples, sample{now, p.Done}); len(m.samples) > rateWindow {
		m.samples = m.samples[1:]
	}
	if p.Rate > 0 && p.Total > p.Done {
		p.Left = time.Duration(float64(p.Total-p.Done) / p.Rate * float64(time.Second))
	}
	m.report(p)
}

// count counts the rows of all tables, for the time left.
func (m *migration) count(ctx context.Context) error {
	for _, t := range m.tables {
		m.meter.start("counting", t.String())
		size := tableSize{}
		for r, err := range m.Source.Rows(ctx, t, backend.StoredRange{Now: time.Now().Unix()}) {
			if err != nil {
				return err
			}
			size.rows++
			size.bytes += rowBytes(r)
			m.meter.add(1)
		}
		m.sizes[t] = size
		m.meter.total += size.rows
	}
	m.meter.end()
	return nil
}

// tableSize is what counting found.
type tableSize struct{ rows, bytes int64 }

func rowBytes(r *backend.StoredRow) int64 {
	n := int64(len(r.Partition))
	for i := range r.Cells {
		n += int64(len(r.Cells[i].Path)+len(r.Cells[i].Value)) + 16
	}
	return n
}
