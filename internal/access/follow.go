package access

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/google/uuid"
)

// How servers in front of one cluster keep up with each other: each writes a new
// version to its row of astrolabe.versions after a change, and looks at all rows
// that often. A change is so seen within half a second. The tables are loaded
// anew now and then even so, for a server may die between a change and its version.
const (
	lookPeriod      = 300 * time.Millisecond
	lookTimeout     = 3 * time.Second
	reloadPeriod    = 30 * time.Second
	growPeriod      = time.Minute
	growTimeout     = 2 * time.Minute
	announceTimeout = 3 * time.Second
)

// Follow keeps the last uses of tokens, and keeps up with the other servers, when
// there are any, until Close. While the back end can't be reached, what was last
// loaded goes on deciding: known tokens stay good.
func (s *Store) Follow(log *slog.Logger) {
	if s.stop != nil {
		return
	}
	ctx, stop := context.WithCancel(context.Background())
	s.stop, s.following = stop, make(chan struct{})
	var running sync.WaitGroup
	running.Go(func() { s.keepUsesUntil(ctx, log) })
	if s.shared != nil {
		running.Go(func() { s.follow(ctx, log) })
	}
	go func() {
		running.Wait()
		close(s.following)
	}()
}

// Close ends Follow.
func (s *Store) Close() {
	if s.stop != nil {
		s.stop()
	}
	<-s.following
}

func (s *Store) follow(ctx context.Context, log *slog.Logger) {
	tick := time.NewTicker(lookPeriod)
	defer tick.Stop()
	loaded, grown, lost := time.Now(), time.Time{}, false
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		fresh, err := s.look(ctx, time.Since(loaded) >= reloadPeriod)
		switch {
		case err != nil && !lost && ctx.Err() == nil:
			log.Warn("organizations, roles and tokens can't be read; the known ones stay good", "reason", err)
		case err == nil && lost:
			log.Info("organizations, roles and tokens can be read again")
		}
		lost = err != nil
		if fresh {
			loaded = time.Now()
		}
		if !lost && time.Since(grown) >= growPeriod {
			grown = time.Now()
			s.growQuietly(ctx, log)
		}
	}
}

// look loads the tables if a version is new, or always; fresh when it did.
func (s *Store) look(ctx context.Context, always bool) (fresh bool, err error) {
	ctx, cancel := context.WithTimeout(ctx, lookTimeout)
	defer cancel()
	if s.shared.unannounced.Load() {
		s.announce()
	}
	versions, err := s.versions(ctx)
	if err != nil {
		return false, err
	}
	s.write.Lock()
	defer s.write.Unlock()
	if versions == s.shared.seen && !always {
		return false, nil
	}
	return s.reload(ctx)
}

// versions is what astrolabe.versions holds.
func (s *Store) versions(ctx context.Context) (string, error) {
	rows, err := s.run(ctx, `SELECT server, version FROM astrolabe.versions WHERE name = 'access'`)
	if err != nil {
		return "", err
	}
	return string(rows.Data), nil
}

// reload replaces the state by what the tables hold. The caller holds s.write,
// or is the only one that knows s.
func (s *Store) reload(ctx context.Context) (bool, error) {
	var versions string
	if s.shared != nil {
		var err error
		if versions, err = s.versions(ctx); err != nil { // before the tables: what comes later is seen next time
			return false, err
		}
	}
	st, err := s.load(ctx)
	if err != nil {
		return false, err
	}
	s.state.Store(st)
	if s.shared != nil {
		s.shared.seen = versions
	}
	return true, nil
}

// catchUp loads what other servers have changed, before a change that builds on
// it. The caller holds s.write.
func (s *Store) catchUp(ctx context.Context) error {
	if s.shared == nil {
		return nil
	}
	versions, err := s.versions(ctx)
	if err != nil || versions == s.shared.seen {
		return err
	}
	_, err = s.reload(ctx)
	return err
}

// catchUpAlone is catchUp for who does not hold s.write.
func (s *Store) catchUpAlone(ctx context.Context) error {
	if s.shared == nil {
		return nil
	}
	s.write.Lock()
	defer s.write.Unlock()
	return s.catchUp(ctx)
}

// Announce tells the other servers that the tables have changed, by this store
// or by other means.
func (s *Store) Announce(ctx context.Context) error {
	if s.shared == nil {
		return nil
	}
	version := uuid.New()
	_, err := s.run(ctx, `INSERT INTO astrolabe.versions (name, server, version) VALUES ('access', ?, ?) USING TTL 86400`, s.shared.self[:], version[:])
	return err
}

// announce is Announce after a change of our own. If it fails now Follow tries
// again.
func (s *Store) announce() {
	if s.shared == nil {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), announceTimeout)
	defer cancel()
	s.shared.unannounced.Store(s.Announce(ctx) != nil)
}

// growQuietly adds replicas when nodes have come.
func (s *Store) growQuietly(ctx context.Context, log *slog.Logger) {
	ctx, cancel := context.WithTimeout(ctx, growTimeout)
	defer cancel()
	before, _ := s.replication()
	err := s.grow(ctx)
	if after, ok := s.replication(); ok && after > before {
		log.Info("keyspace astrolabe has more replicas now", "datacenter", s.shared.topology.Datacenter(), "replicas", after)
	}
	if err != nil && ctx.Err() == nil {
		log.Info("keyspace astrolabe could not be given more replicas yet", "reason", err)
	}
}
