package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	"github.com/astrolabe-db/astrolabe/internal/conformance"
	"github.com/astrolabe-db/astrolabe/internal/engine"
	"github.com/astrolabe-db/astrolabe/test/cassandra"
	"github.com/astrolabe-db/astrolabe/test/differential/generate"
	"github.com/astrolabe-db/astrolabe/test/harness"
	"github.com/astrolabe-db/astrolabe/test/native"
)

// options of a run.
type options struct {
	cassandra, server, token, out string
	inProcess                     bool
	seed                          uint64
	programs, length, jobs        int
	duration, reduceTime          time.Duration
	// files to compare instead of random programs.
	files []string
}

func main() {
	var o options
	flag.StringVar(&o.cassandra, "cassandra", "", "host:port of a running Cassandra; one is started without")
	flag.StringVar(&o.server, "server", "", "host:port of a running server of ours; one is started without")
	flag.StringVar(&o.token, "token", "", "application token for -server")
	flag.BoolVar(&o.inProcess, "in-process", false, "run the engine in this process instead of a server")
	flag.Uint64Var(&o.seed, "seed", uint64(time.Now().Unix()), "first seed; each program has the next one")
	flag.IntVar(&o.programs, "programs", 0, "how many programs, 0 for as many as the time allows")
	flag.IntVar(&o.length, "length", 120, "statements of a program")
	flag.IntVar(&o.jobs, "jobs", 2, "programs at a time")
	flag.DurationVar(&o.duration, "time", 5*time.Minute, "when to end")
	flag.DurationVar(&o.reduceTime, "reduce", 30*time.Second, "how long to reduce one difference")
	flag.StringVar(&o.out, "out", "", "directory for reduced differences; the corpus is one")
	flag.Parse()
	o.files = flag.Args()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := o.run(ctx); err != nil {
		fmt.Fprintln(os.Stderr, "differential:", err)
		os.Exit(1)
	}
}

// run compares programs until the time is over.
func (o *options) run(ctx context.Context) (err error) {
	open, end, err := o.ours()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, end()) }()
	if o.cassandra == "" {
		node, err := cassandra.Start(ctx, cassandra.Options{FastSchema: true})
		if err != nil {
			return err
		}
		defer func() { err = errors.Join(err, node.Stop()) }()
		o.cassandra = node.Addr
	}
	t := &tally{forms: map[string]int{}, deadline: time.Now().Add(o.duration)}
	failures := make([]error, o.jobs)
	var wg sync.WaitGroup
	for job := range o.jobs {
		wg.Go(func() { failures[job] = o.job(ctx, t, open) })
	}
	wg.Wait()
	fmt.Printf("%d programs from seed %d, %d statements compared, %d differences\n", t.programs.Load(), o.seed, t.compared.Load(), t.different.Load())
	if err := errors.Join(failures...); err != nil {
		return err
	}
	if t.different.Load() > 0 {
		return errors.New("there are differences")
	}
	return nil
}

// tally is what the jobs have done.
type tally struct {
	deadline            time.Time
	programs            atomic.Uint64
	compared, different atomic.Int64

	mu    sync.Mutex
	forms map[string]int
}

// maxAlike is how many differences of one form are reduced.
const maxAlike = 5

// news reports whether a difference is not of a form that was seen often.
func (t *tally) news(form string) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.forms[form]++
	return t.forms[form] <= maxAlike
}

// job compares programs on connections of its own until the time is over.
func (o *options) job(ctx context.Context, t *tally, open func() (conformance.Session, error)) (err error) {
	drop := make(chan string, 16)
	dropped := make(chan error, 1)
	go func() { dropped <- o.drops(ctx, open, drop) }()
	defer func() {
		close(drop)
		err = errors.Join(err, <-dropped)
	}()
	theirs, err := native.Connect(o.cassandra, "")
	if err != nil {
		return err
	}
	defer theirs.Close()
	ours, err := open()
	if err != nil {
		return err
	}
	if len(o.files) > 0 {
		return o.play(ctx, pair{ours, theirs, drop})
	}
	for time.Now().Before(t.deadline) && ctx.Err() == nil {
		n := t.programs.Add(1) - 1
		if o.programs > 0 && n >= uint64(o.programs) {
			return nil
		}
		different, compared, err := o.program(ctx, t, pair{ours, theirs, drop}, o.seed+n)
		t.compared.Add(int64(compared))
		if err != nil {
			return fmt.Errorf("seed %d: %w", o.seed+n, err)
		}
		if different {
			t.different.Add(1)
		}
	}
	return nil
}

// drops drops keyspaces on both sides.
func (o *options) drops(ctx context.Context, open func() (conformance.Session, error), keyspaces <-chan string) error {
	theirs, theirErr := native.Connect(o.cassandra, "")
	ours, ourErr := open()
	err := errors.Join(theirErr, ourErr)
	if theirErr == nil {
		defer theirs.Close()
	}
	for keyspace := range keyspaces {
		if err != nil {
			continue
		}
		r := conformance.Request{Statement: "DROP KEYSPACE IF EXISTS " + keyspace}
		_, ourErr = ours.Run(ctx, r)
		_, theirErr = theirs.Run(ctx, r)
		err = errors.Join(ourErr, theirErr)
	}
	return err
}

// ours starts our side. connect may be called for each job.
func (o *options) ours() (open func() (conformance.Session, error), end func() error, err error) {
	if o.inProcess {
		dir, err := os.MkdirTemp("", "differential-")
		if err != nil {
			return nil, nil, err
		}
		e, err := engine.Open(engine.Options{Dir: dir, Periodic: true})
		if err != nil {
			return nil, nil, err
		}
		return func() (conformance.Session, error) { return conformance.NewSession(e), nil },
			func() error { return errors.Join(e.Close(), os.RemoveAll(dir)) }, nil
	}
	end = func() error { return nil }
	if o.server == "" {
		dir, err := os.MkdirTemp("", "differential-")
		if err != nil {
			return nil, nil, err
		}
		server, err := harness.Launch("serve", dir, "--durability", "periodic")
		if err != nil {
			return nil, nil, err
		}
		o.server, o.token = server.CQL, server.Token
		end = func() error { return errors.Join(server.Stop(), os.RemoveAll(dir)) }
	}
	return func() (conformance.Session, error) { return native.Connect(o.server, o.token) }, end, nil
}

// program compares one program and reports a difference, reduced.
func (o *options) program(ctx context.Context, t *tally, p pair, seed uint64) (different bool, compared int, err error) {
	cases := generate.Program(seed, o.length)
	d, compared, err := p.run(ctx, cases)
	if errors.Is(err, errFailed) {
		fmt.Printf("seed %d ends after %d statements: %v\n", seed, compared, err)
		return false, compared, nil
	}
	if err != nil || d == nil {
		return false, compared, err
	}
	if !t.news(d.form()) {
		fmt.Printf("=== seed %d: again %s\n", seed, d.form())
		return true, compared, nil
	}
	cases, d = p.reduce(ctx, cases, d, o.reduceTime)
	return true, compared, o.report(seed, cases, d)
}

// report prints a reduced difference, and writes it when there is a directory for it.
func (o *options) report(seed uint64, cases []*conformance.Case, d *difference) error {
	f := &conformance.File{Cases: cases, Tail: "\n"}
	for i, c := range cases {
		c.Answer = "?"
		if i == len(cases)-1 {
			c.Answer = d.theirs.Format(c)
		}
	}
	text, err := textOf(f)
	if err != nil {
		return err
	}
	fmt.Printf("=== seed %d\n%s\nours:\n%s\n\n", seed, text, d)
	if o.out == "" {
		return nil
	}
	return f.Write(filepath.Join(o.out, fmt.Sprintf("seed%d.cql", seed)))
}

// textOf is f as it would be written.
func textOf(f *conformance.File) (string, error) {
	tmp, err := os.CreateTemp("", "case-")
	if err != nil {
		return "", err
	}
	defer os.Remove(tmp.Name())
	if err := errors.Join(tmp.Close(), f.Write(tmp.Name())); err != nil {
		return "", err
	}
	text, err := os.ReadFile(tmp.Name())
	return string(text), err
}
