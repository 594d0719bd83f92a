package load

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"
	"strconv"
	"time"
)

// conn is a keep-alive HTTP/1.1 client connection reduced to what the generator needs: one write per
// request, no header map, a body buffer that is reused. It reconnects when the server closes.
type conn struct {
	addr    string
	timeout time.Duration
	c       net.Conn
	br      *bufio.Reader
	body    []byte
}

func newConn(u *url.URL, timeout time.Duration) *conn {
	addr := u.Host
	if u.Port() == "" {
		addr += ":80"
	}
	return &conn{addr: addr, timeout: timeout, br: bufio.NewReaderSize(nil, 16<<10)}
}

func (c *conn) dial() error {
	nc, err := net.DialTimeout("tcp", c.addr, c.timeout)
	if err != nil {
		return err
	}
	c.c = nc
	c.br.Reset(nc)
	return nil
}

func (c *conn) close() {
	if c.c != nil {
		c.c.Close()
		c.c = nil
	}
}

// errClosed reports a connection that the server closed before it answered.
var errClosed = errors.New("connection closed before the reply")

// do writes req and returns the status and the body (valid until the next call). A request on a reused
// connection that the server had closed before answering is sent once more on a fresh one.
func (c *conn) do(req []byte) (int, []byte, error) {
	reused := c.c != nil
	status, err := c.exchange(req)
	if reused && errors.Is(err, errClosed) {
		status, err = c.exchange(req)
	}
	return status, c.body, err
}

func (c *conn) exchange(req []byte) (int, error) {
	if c.c == nil {
		if err := c.dial(); err != nil {
			return 0, err
		}
	}
	status, closing, err := c.roundTrip(req)
	if closing || err != nil {
		c.close()
	}
	return status, err
}

func (c *conn) roundTrip(req []byte) (status int, closing bool, err error) {
	if err := c.c.SetDeadline(time.Now().Add(c.timeout)); err != nil {
		return 0, true, err
	}
	if _, err := c.c.Write(req); err != nil {
		return 0, true, fmt.Errorf("%w: %w", errClosed, err)
	}
	l, err := c.line()
	if err != nil {
		if ne, ok := errors.AsType[net.Error](err); ok && ne.Timeout() {
			return 0, true, err
		}
		return 0, true, fmt.Errorf("%w: %w", errClosed, err)
	}
	if len(l) < 12 || !bytes.HasPrefix(l, []byte("HTTP/1.")) {
		return 0, true, fmt.Errorf("bad status line %q", l)
	}
	if status, err = strconv.Atoi(string(l[9:12])); err != nil {
		return 0, true, err
	}
	h, err := c.header()
	if err != nil {
		return 0, true, err
	}
	return status, h.closing, c.readBody(h)
}

type header struct {
	length           int // -1: not said
	chunked, closing bool
}

func (c *conn) header() (header, error) {
	h := header{length: -1}
	for {
		l, err := c.line()
		if err != nil || len(l) == 0 {
			h.closing = h.closing || h.length < 0 && !h.chunked
			return h, err
		}
		name, value, _ := bytes.Cut(l, []byte(":"))
		value = bytes.TrimSpace(value)
		switch {
		case bytes.EqualFold(name, []byte("Content-Length")):
			if h.length, err = strconv.Atoi(string(value)); err != nil {
				return h, err
			}
		case bytes.EqualFold(name, []byte("Transfer-Encoding")):
			h.chunked = bytes.EqualFold(value, []byte("chunked"))
		case bytes.EqualFold(name, []byte("Connection")):
			h.closing = bytes.EqualFold(value, []byte("close"))
		}
	}
}

func (c *conn) readBody(h header) error {
	c.body = c.body[:0]
	switch {
	case h.chunked:
		return c.chunks()
	case h.length >= 0:
		return c.take(h.length)
	default:
		b, err := io.ReadAll(c.br)
		c.body = append(c.body, b...)
		return err
	}
}

func (c *conn) chunks() error {
	for {
		l, err := c.line()
		if err != nil {
			return err
		}
		n, err := strconv.ParseUint(string(l), 16, 31)
		if err != nil {
			return err
		}
		if err := c.take(int(n)); err != nil {
			return err
		}
		if _, err := c.line(); err != nil || n == 0 {
			return err
		}
	}
}

// take appends the next n bytes to the body.
func (c *conn) take(n int) error {
	from := len(c.body)
	if cap(c.body) < from+n {
		c.body = append(make([]byte, 0, 2*(from+n)), c.body...)
	}
	c.body = c.body[:from+n]
	_, err := io.ReadFull(c.br, c.body[from:])
	return err
}

func (c *conn) line() ([]byte, error) {
	l, err := c.br.ReadSlice('\n')
	return bytes.TrimRight(l, "\r\n"), err
}
