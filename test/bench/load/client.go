package load

import (
	"fmt"
	"net/url"
	"strconv"
)

// Client makes calls one after another over one connection.
type Client struct{ w *worker }

// NewClient is a client of a server. Close it.
func NewClient(t Target) (*Client, error) {
	workers, err := newWorkers(t, 1)
	if err != nil {
		return nil, err
	}
	return &Client{workers[0]}, nil
}

// Close ends its connection.
func (c *Client) Close() { closeAll([]*worker{c.w}) }

// UserWithSecret makes a user with a key, and a secret of that name.
func (c *Client) UserWithSecret(name string) error {
	for _, op := range []Op{CreateUser, CreateAccessKey} {
		if _, err := c.w.call(op, name); err != nil {
			return err
		}
	}
	c.w.form = fmt.Appendf(c.w.form[:0], `{"Name":%s,"ClientRequestToken":"00000000-0000-0000-0000-000000000001","SecretString":"0123456789012345678901234567890123456789"}`, strconv.Quote(name))
	if _, err := c.w.send("secretsmanager", CreateSecret.target()); err != nil {
		return fmt.Errorf("CreateSecret: %w", err)
	}
	return nil
}

// AskCloudFormation sends a request of one's own to CloudFormation and returns the reply's body.
func AskCloudFormation(t Target, form url.Values) ([]byte, error) {
	return ask(t, "cloudformation", "2010-05-15", form)
}
