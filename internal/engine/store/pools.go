package store

// PoolStats is about one kind of work in the background.
type PoolStats struct {
	// Active works right now, of Limit at most.
	Active, Limit int
	// Completed since the store was opened.
	Completed int64
}

// CompactionStats is about the compactions of files.
func (s *Store) CompactionStats() PoolStats {
	if s.enter() != nil {
		return PoolStats{} // it is closed
	}
	defer s.leave()
	m := s.db.Metrics().Compact
	return PoolStats{Active: int(m.NumInProgress), Limit: maxCompactions(), Completed: m.Count}
}

// FlushStats is about writing memtables to files.
func (s *Store) FlushStats() PoolStats {
	if s.enter() != nil {
		return PoolStats{}
	}
	defer s.leave()
	m := s.db.Metrics().Flush
	return PoolStats{Active: int(m.NumInProgress), Limit: 1, Completed: m.Count}
}
