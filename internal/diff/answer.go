package diff

import (
	"encoding/binary"

	"github.com/astrolabe-db/astrolabe/internal/backend"
)

// answer is what one side said.
type answer struct {
	result *backend.Result
	err    error
	// skipped: it was not asked.
	skipped bool
}

// states are the paging states of the two sides.
type states struct {
	answering, other []byte
	// detached: the other side is at its end, or was not where the answering one is.
	detached bool
}

// What the first byte of a paging state says.
const (
	stateDetached = 0
	stateBoth     = 1
)

// splitState takes apart what joinState made; no state is the first page.
func splitState(state []byte) (states, bool) {
	if state == nil {
		return states{}, true
	}
	if len(state) == 0 {
		return states{}, false
	}
	rest := state[1:]
	if state[0] == stateDetached {
		return states{answering: rest, detached: true}, true
	}
	n, size := binary.Uvarint(rest)
	if state[0] != stateBoth || size <= 0 || n > uint64(len(rest)-size) {
		return states{}, false
	}
	rest = rest[size:]
	return states{answering: rest[:n:n], other: rest[n:]}, true
}

// paged is what the client gets: the answer, with a paging state that is good
// for both sides.
func (a answer) paged(o answer) (*backend.Result, error) {
	if a.err != nil || a.result.PagingState == nil {
		return a.result, a.err
	}
	out := *a.result
	if o.skipped || o.err != nil || o.result.PagingState == nil || o.result.RowCount != a.result.RowCount {
		out.PagingState = append([]byte{stateDetached}, a.result.PagingState...)
		return &out, nil
	}
	state := binary.AppendUvarint([]byte{stateBoth}, uint64(len(a.result.PagingState)))
	out.PagingState = append(append(state, a.result.PagingState...), o.result.PagingState...)
	return &out, nil
}
