package exec

import (
	"sync"

	"github.com/astrolabe-db/astrolabe/internal/backend"
)

// maxCopied is the largest answer that is always copied. Longer ones are handed
// over with the buffer they were made in, if one has come back by Result.Recycle
// to take its place.
const maxCopied = 1 << 8

// resultBuffer is a buffer of an answer in a pool.
type resultBuffer struct{ data []byte }

// spareBuffers hold buffers that came back, emptyBuffers what buffers come back in.
var spareBuffers, emptyBuffers sync.Pool

// spareBuffer returns an empty buffer that came back, nil if there is none.
func spareBuffer() []byte {
	b, ok := spareBuffers.Get().(*resultBuffer)
	if !ok {
		return nil
	}
	data := b.data
	b.data = nil
	emptyBuffers.Put(b)
	return data
}

// recycle implements backend.Result.Recycle.
func recycle(data []byte) {
	b, ok := emptyBuffers.Get().(*resultBuffer)
	if !ok {
		b = new(resultBuffer)
	}
	b.data = data[:0]
	spareBuffers.Put(b)
}

// handOver makes the rows that were collected the answer's.
func (x *selectRun) handOver(r *backend.Result) {
	n := len(x.out)
	if n > maxKeptBuffer {
		r.Data, x.out = x.out, nil
		return
	}
	if n > maxCopied {
		r.Recycle = recycle
		if spare := spareBuffer(); spare != nil {
			r.Data, x.out = x.out, spare
			return
		}
	}
	if n > 0 {
		r.Data = append(make([]byte, 0, n), x.out...)
	}
}
