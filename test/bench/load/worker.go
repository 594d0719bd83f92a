package load

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"net/url"
	"strconv"
	"sync/atomic"
	"time"
)

const (
	formType       = "application/x-www-form-urlencoded; charset=utf-8"
	jsonType       = "application/x-amz-json-1.1"
	requestTimeout = 30 * time.Second
	keysPerUser    = 2 // the quota
)

// A worker is one client: a connection, its signers and its buffers. It sends one request at a time.
type worker struct {
	conn      *conn
	host      string
	signers   map[string]*signer // by service
	form, req []byte
	rand      *rand.Rand
	latencies []int64 // nanoseconds

	user string // who gets the next access key
	keys int    // that user's keys so far
}

func newWorker(t Target, u *url.URL, seed uint64) *worker {
	return &worker{
		conn: newConn(u, requestTimeout),
		host: u.Host,
		signers: map[string]*signer{
			"iam":            newSigner(t.AccessKey, t.SecretKey, "us-east-1", "iam"),
			"sts":            newSigner(t.AccessKey, t.SecretKey, "us-east-1", "sts"),
			"cloudformation": newSigner(t.AccessKey, t.SecretKey, "us-east-1", "cloudformation"),
			"secretsmanager": newSigner(t.AccessKey, t.SecretKey, "us-east-1", "secretsmanager"),
		},
		rand: rand.New(rand.NewPCG(seed, 42)),
	}
}

// call sends one signed request and returns the reply's body, valid until the next call.
func (w *worker) call(op Op, user string) ([]byte, error) {
	w.form = op.form(w.form[:0], user)
	body, err := w.send(op.service(), op.target())
	if err != nil {
		return nil, fmt.Errorf("%s: %w", op, err)
	}
	return body, nil
}

// send sends w.form, which is JSON if there is a target.
func (w *worker) send(service, target string) ([]byte, error) {
	contentType := formType
	if target != "" {
		contentType = jsonType
	}
	r := append(append(w.req[:0], "POST / HTTP/1.1\r\nHost: "...), w.host...)
	r = append(r, "\r\nUser-Agent: iamload\r\n"...)
	r = w.signers[service].headers(r, "POST", w.host, "/", contentType, target, w.form, time.Now())
	r = append(append(r, "\r\n"...), w.form...)
	w.req = r
	status, body, err := w.conn.do(r)
	if err != nil {
		return nil, err
	}
	if status != 200 {
		return nil, fmt.Errorf("status %d: %s", status, bytes.TrimSpace(body[:min(len(body), 600)]))
	}
	return body, nil
}

// timed runs one operation of a run and keeps its latency. What it needs first, a user without keys, is
// not part of the latency.
func (w *worker) timed(r *run) error {
	user, err := w.subject(r)
	if err != nil {
		return err
	}
	start := time.Now()
	_, err = w.call(r.Op, user)
	w.latencies = append(w.latencies, int64(time.Since(start)))
	return err
}

// subject is the user that the next operation is about.
func (w *worker) subject(r *run) (string, error) {
	switch {
	case r.Op.readsUser():
		return UserName(r.Prefix, w.rand.IntN(r.Users)), nil
	case r.Op == CreateUser:
		return newName(), nil
	case r.Op != CreateAccessKey:
		return "", nil
	case w.user != "" && w.keys < keysPerUser:
		w.keys++
		return w.user, nil
	}
	w.keys = 1
	select {
	case w.user = <-r.fresh:
		return w.user, nil
	default:
		w.user = newName()
		r.extra.Add(1)
		_, err := w.call(CreateUser, w.user)
		return w.user, err
	}
}

// UserName is the name of user i of those that Fill made.
func UserName(prefix string, i int) string { return prefix + strconv.Itoa(i) }

var names = struct {
	start int64
	next  atomic.Int64
}{start: time.Now().UnixMicro()}

// newName is a user name that no run has used.
func newName() string {
	return "new-" + strconv.FormatInt(names.start, 36) + "-" + strconv.FormatInt(names.next.Add(1), 10)
}
