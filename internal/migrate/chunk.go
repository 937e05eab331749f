package migrate

import "github.com/astrolabe-db/astrolabe/internal/backend"

// The size of a chunk: what one worker writes, and what is noted as done at once.
const (
	maxChunkRows  = 50
	maxChunkBytes = 128 << 10
)

// chunk is a run of rows with memory of their own.
type chunk struct {
	number int
	rows   []backend.StoredRow
	bytes  int
	// written is how many rows it had.
	written int
	// done is the last partition of which all rows lie in this chunk and in those
	// before it, nil when there is none yet.
	done []byte
}

func (c *chunk) full() bool { return len(c.rows) >= maxChunkRows || c.bytes >= maxChunkBytes }

// add copies a row into the chunk.
func (c *chunk) add(r *backend.StoredRow) {
	size := len(r.Partition)
	for _, v := range r.Clustering {
		size += len(v)
	}
	for i := range r.Cells {
		size += len(r.Cells[i].Path) + len(r.Cells[i].Value)
	}
	memory := make([]byte, 0, size)
	keep := func(v []byte) []byte {
		if v == nil {
			return nil
		}
		at := len(memory)
		memory = append(memory, v...)
		return memory[at:len(memory):len(memory)]
	}
	own := *r
	own.Partition = keep(r.Partition)
	if r.Clustering != nil {
		own.Clustering = make([][]byte, len(r.Clustering))
	}
	for i, v := range r.Clustering {
		own.Clustering[i] = keep(v)
	}
	own.Cells = make([]backend.StoredCell, len(r.Cells))
	for i, cell := range r.Cells {
		cell.Path, cell.Value = keep(cell.Path), keep(cell.Value)
		own.Cells[i] = cell
	}
	c.rows = append(c.rows, own)
	c.bytes += size
}
