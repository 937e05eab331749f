package main

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"sync"
)

// client is a small native-protocol (v4) client that costs little itself, so
// that what is measured is the server. One goroutine at a time uses a slot (a
// stream id); requests of all slots share the connection.
type client struct {
	conn    net.Conn
	writeMu sync.Mutex
	w       *bufio.Writer
	slots   []chan frame
	readErr error
	done    chan struct{}
}

type frame struct {
	opcode byte
	body   []byte
}

const (
	protocolV4     = 4
	headerLength   = 9
	opError        = 0x00
	opStartup      = 0x01
	opReady        = 0x02
	opAuthenticate = 0x03
	opQuery        = 0x07
	opResult       = 0x08
	opPrepare      = 0x09
	opExecute      = 0x0A
	opAuthResponse = 0x0F
	opBatch        = 0x0D
	opAuthSuccess  = 0x10
	localQuorum    = 0x0006
	kindPrepared   = 0x0004
	maxFrame       = 64 << 20
)

// dial connects, logs in when token is not "", and offers slots streams.
func dial(addr, token string, slots int) (*client, error) {
	conn, err := net.Dial("tcp", addr)
	if err != nil {
		return nil, err
	}
	c := &client{conn: conn, w: bufio.NewWriterSize(conn, 64<<10), done: make(chan struct{})}
	for range slots {
		c.slots = append(c.slots, make(chan frame, 1))
	}
	go c.read()
	if err := c.startup(token); err != nil {
		return nil, errors.Join(err, c.close())
	}
	return c, nil
}

func (c *client) close() error {
	err := c.conn.Close()
	<-c.done
	return err
}

// read hands each answer to the slot of its stream.
func (c *client) read() {
	defer func() {
		for _, s := range c.slots {
			close(s)
		}
		close(c.done)
	}()
	r := bufio.NewReaderSize(c.conn, 64<<10)
	var header [headerLength]byte
	for {
		if _, c.readErr = io.ReadFull(r, header[:]); c.readErr != nil {
			return
		}
		n := binary.BigEndian.Uint32(header[5:])
		if n > maxFrame {
			c.readErr = fmt.Errorf("a frame of %d bytes", n)
			return
		}
		body := make([]byte, n)
		if _, c.readErr = io.ReadFull(r, body); c.readErr != nil {
			return
		}
		c.slots[binary.BigEndian.Uint16(header[2:])] <- frame{header[4], body}
	}
}

// call sends one request in a slot and waits for its answer; an ERROR answer
// is an error.
func (c *client) call(slot int, opcode byte, body []byte) (frame, error) {
	var header [headerLength]byte
	header[0], header[4] = protocolV4, opcode
	binary.BigEndian.PutUint16(header[2:], uint16(slot))
	binary.BigEndian.PutUint32(header[5:], uint32(len(body)))
	c.writeMu.Lock()
	c.w.Write(header[:])
	c.w.Write(body)
	err := c.w.Flush()
	c.writeMu.Unlock()
	if err != nil {
		return frame{}, err
	}
	f, ok := <-c.slots[slot]
	if !ok {
		return frame{}, fmt.Errorf("the connection ended: %w", c.readErr)
	}
	if f.opcode == opError {
		return frame{}, fmt.Errorf("error 0x%04x: %s", binary.BigEndian.Uint32(f.body), f.body[6:])
	}
	return f, nil
}

func (c *client) startup(token string) error {
	body := binary.BigEndian.AppendUint16(nil, 1)
	body = appendString(appendString(body, "CQL_VERSION"), "3.0.0")
	f, err := c.call(0, opStartup, body)
	if err != nil || f.opcode == opReady {
		return err
	}
	if f.opcode != opAuthenticate {
		return fmt.Errorf("STARTUP was answered by opcode 0x%02x", f.opcode)
	}
	plain := "\x00token\x00" + token
	_, err = c.call(0, opAuthResponse, append(binary.BigEndian.AppendUint32(nil, uint32(len(plain))), plain...))
	return err
}

// query runs one statement.
func (c *client) query(text string) error {
	body := append(binary.BigEndian.AppendUint32(nil, uint32(len(text))), text...)
	body = append(binary.BigEndian.AppendUint16(body, localQuorum), 0)
	_, err := c.call(0, opQuery, body)
	return err
}

// prepare returns the id of a prepared statement.
func (c *client) prepare(text string) ([]byte, error) {
	f, err := c.call(0, opPrepare, append(binary.BigEndian.AppendUint32(nil, uint32(len(text))), text...))
	if err != nil {
		return nil, err
	}
	if f.opcode != opResult || binary.BigEndian.Uint32(f.body) != kindPrepared {
		return nil, errors.New("PREPARE was not answered by RESULT Prepared")
	}
	n := binary.BigEndian.Uint16(f.body[4:])
	return f.body[6 : 6+n], nil
}

// query flags of native_protocol_v4.spec §4.1.4.
const (
	flagValues   = 0x01
	flagPageSize = 0x04
	flagPaging   = 0x08
)

// appendExecute encodes the body of EXECUTE with positional values.
func appendExecute(dst, id []byte, values ...[]byte) []byte {
	return appendValues(append(appendID(dst, id), 0, localQuorum, flagValues), values)
}

// appendExecutePage is appendExecute for one page; state is nil for the first.
func appendExecutePage(dst, id []byte, pageSize int, state []byte, values ...[]byte) []byte {
	flags := byte(flagValues | flagPageSize)
	if state != nil {
		flags |= flagPaging
	}
	dst = appendValues(append(appendID(dst, id), 0, localQuorum, flags), values)
	dst = binary.BigEndian.AppendUint32(dst, uint32(pageSize))
	if state != nil {
		dst = appendBytes(dst, state)
	}
	return dst
}

// batchEntry is one prepared statement of a batch with its values.
type batchEntry struct {
	id     []byte
	values [][]byte
}

// appendBatch encodes the body of BATCH (§4.1.7); kind 0 is logged, 1 unlogged.
func appendBatch(dst []byte, kind byte, entries []batchEntry) []byte {
	dst = binary.BigEndian.AppendUint16(append(dst, kind), uint16(len(entries)))
	for _, e := range entries {
		dst = appendValues(appendID(append(dst, 1), e.id), e.values)
	}
	return append(dst, 0, localQuorum, 0)
}

func appendID(dst, id []byte) []byte {
	return append(binary.BigEndian.AppendUint16(dst, uint16(len(id))), id...)
}

func appendValues(dst []byte, values [][]byte) []byte {
	dst = binary.BigEndian.AppendUint16(dst, uint16(len(values)))
	for _, v := range values {
		dst = appendBytes(dst, v)
	}
	return dst
}

func appendBytes(dst, b []byte) []byte {
	return append(binary.BigEndian.AppendUint32(dst, uint32(len(b))), b...)
}

// pagingState returns the paging state of a RESULT Rows (§4.2.5.2), nil on the
// last page.
func pagingState(f frame) ([]byte, error) {
	const kindRows, hasMorePages = 0x0002, 0x0002
	if f.opcode != opResult || binary.BigEndian.Uint32(f.body) != kindRows {
		return nil, errors.New("no rows in the answer")
	}
	if binary.BigEndian.Uint32(f.body[4:])&hasMorePages == 0 {
		return nil, nil
	}
	n := binary.BigEndian.Uint32(f.body[12:])
	return f.body[16 : 16+n], nil
}

func appendString(dst []byte, s string) []byte {
	return append(binary.BigEndian.AppendUint16(dst, uint16(len(s))), s...)
}
