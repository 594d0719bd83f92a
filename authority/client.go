package authority

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"time"
)

// Timeout is how long a Client without an HTTP client of its own waits for an answer.
const Timeout = 10 * time.Second

// maxAnswer bounds what is read of an answer.
const maxAnswer = 1 << 20

// Client asks iamd. It may be used by several goroutines, keeps connections and
// remembers no answers.
type Client struct {
	URL   string // where iamd answers: "https://iamd.internal:4567"
	Token string // one of those in --authority-token-file; "" with a client certificate alone
	// HTTP is for TLS certificates or other timeouts; nil is a client with Timeout.
	HTTP *http.Client

	once sync.Once
	own  *http.Client
}

// Ask asks one question. A caller that is refused is an answer like any other; an
// error means that there is no answer, and that nobody may be let in.
func (c *Client) Ask(ctx context.Context, q *Question) (*Answer, error) {
	body, err := json.Marshal(q)
	if err != nil {
		return nil, fmt.Errorf("authority: %w", err)
	}
	if len(body) > MaxQuestion {
		return nil, errors.New("authority: the question is too large")
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, strings.TrimSuffix(c.URL, "/")+"/v1/ask", bytes.NewReader(body))
	if err != nil {
		return nil, fmt.Errorf("authority: %w", err)
	}
	req.Header.Set("Content-Type", "application/json")
	if c.Token != "" {
		req.Header.Set("Authorization", "Bearer "+c.Token)
	}
	resp, err := c.http().Do(req)
	if err != nil {
		return nil, fmt.Errorf("authority: %w", err)
	}
	defer resp.Body.Close()
	return readAnswer(resp)
}

func (c *Client) http() *http.Client {
	if c.HTTP != nil {
		return c.HTTP
	}
	c.once.Do(func() {
		transport := http.DefaultTransport.(*http.Transport).Clone()
		transport.MaxIdleConnsPerHost = transport.MaxIdleConns
		transport.Proxy = nil // a question holds what must not pass through others
		c.own = &http.Client{Transport: transport, Timeout: Timeout, CheckRedirect: func(*http.Request, []*http.Request) error {
			return http.ErrUseLastResponse // nobody else is to see a question
		}}
	})
	return c.own
}

func readAnswer(resp *http.Response) (*Answer, error) {
	text, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer))
	if err != nil {
		return nil, fmt.Errorf("authority: reading the answer: %w", err)
	}
	if resp.StatusCode != http.StatusOK {
		return nil, unanswered(resp.StatusCode, text)
	}
	var a Answer
	if err := json.Unmarshal(text, &a); err != nil {
		return nil, fmt.Errorf("authority: reading the answer: %w", err)
	}
	if a.Allowed == (a.Refusal != nil) {
		return nil, errors.New("authority: the answer neither allows nor refuses")
	}
	return &a, nil
}

// Unanswered is an answer that says why there is none: 400 for a question that cannot
// be, 401 for an asker that has not proved itself.
type Unanswered struct {
	Status  int
	Problem string
}

func (e *Unanswered) Error() string {
	return fmt.Sprintf("authority: iamd answered %d: %s", e.Status, e.Problem)
}

func unanswered(status int, text []byte) error {
	var said struct{ Error string }
	if json.Unmarshal(text, &said) != nil {
		said.Error = http.StatusText(status)
	}
	return &Unanswered{status, said.Error}
}
