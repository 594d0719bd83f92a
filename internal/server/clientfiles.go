package server

import (
	"bufio"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/google/renameio/v2"

	"github.com/iamd-project/iamd/internal/ids"
)

// ClientFiles are the files in a data folder that point AWS clients at the
// server as its root user.
type ClientFiles struct {
	Credentials, Config string // paths
	Endpoint            string // the server's address
	CABundle            string // a PEM file to trust, or ""
}

// The keys of the config file, as AWS clients read them:
// https://docs.aws.amazon.com/sdkref/latest/guide/file-format.html
const (
	endpointSetting = "endpoint_url"
	caBundleSetting = "ca_bundle"
)

func clientFilesIn(folder string) ClientFiles {
	return ClientFiles{
		Credentials: filepath.Join(folder, "credentials"),
		Config:      filepath.Join(folder, "config"),
	}
}

// ReadClientFiles reads what the server wrote into its data folder.
func ReadClientFiles(folder string) (ClientFiles, error) {
	c := clientFilesIn(folder)
	for _, path := range []string{c.Credentials, c.Config} {
		if _, err := os.Stat(path); err != nil {
			return c, fmt.Errorf("%s is not there: has 'iamd serve' been started with this data folder?", path)
		}
	}
	f, err := os.Open(c.Config)
	if err != nil {
		return c, err
	}
	defer f.Close()
	for lines := bufio.NewScanner(f); lines.Scan(); {
		name, value, _ := strings.Cut(lines.Text(), "=")
		switch value = strings.TrimSpace(value); strings.TrimSpace(name) {
		case endpointSetting:
			c.Endpoint = value
		case caBundleSetting:
			c.CABundle = value
		}
	}
	if c.Endpoint == "" {
		return c, fmt.Errorf("%s names no %s", c.Config, endpointSetting)
	}
	return c, nil
}

func (c ClientFiles) writeCredentials(keyID ids.KeyID, secret ids.SecretKey) error {
	text := fmt.Sprintf("[default]\naws_access_key_id = %s\naws_secret_access_key = %s\n", string(keyID), string(secret))
	return renameio.WriteFile(c.Credentials, []byte(text), 0o600)
}

func (c ClientFiles) writeConfig() error {
	text := fmt.Sprintf("[default]\nregion = us-east-1\noutput = json\n%s = %s\n", endpointSetting, c.Endpoint)
	if c.CABundle != "" {
		text += fmt.Sprintf("%s = %s\n", caBundleSetting, c.CABundle)
	}
	return renameio.WriteFile(c.Config, []byte(text), 0o600)
}
