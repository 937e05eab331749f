package upstream

// Flush sends what is collected, as much as the socket takes at once; the rest
// is left to a goroutine.
func (c *conn) Flush() {
	c.mu.Lock()
	c.queued = false
	for !c.writing && !c.closed && c.out.Len() > 0 {
		b := c.takeOutput()
		c.mu.Unlock()
		n, err := c.now.Write(b)
		if err == nil && n < len(b) {
			go c.write(b, n)
			return
		}
		c.mu.Lock()
		c.written(b, err)
	}
	c.mu.Unlock()
}

// takeOutput takes what is collected, to be written by the caller alone.
func (c *conn) takeOutput() []byte {
	c.writing = true
	c.writes++
	b := c.out.Take(c.spare)
	c.spare = nil
	return b
}

// written ends the write of b.
func (c *conn) written(b []byte, err error) {
	c.writing = false
	c.cluster.metrics.sent.Add(float64(len(b)))
	if cap(b) <= keptBuffer {
		c.spare = b
	}
	if err != nil && !c.closed {
		c.closed, c.cause = true, err
		_ = c.nc.Close() // wakes the reader
	}
}

// write writes b from the nth byte on, and then what has come meanwhile. The
// heartbeat closes the connection when this takes too long.
func (c *conn) write(b []byte, n int) {
	for {
		_, err := c.nc.Write(b[n:])
		c.mu.Lock()
		c.written(b, err)
		if c.closed || c.out.Len() == 0 {
			c.mu.Unlock()
			return
		}
		b, n = c.takeOutput(), 0
		c.mu.Unlock()
	}
}
