# Varnish, as someone writes it who wants hits: bench/compare fills in @NAME@; its parameters are in bench/field/peers.py.
vcl 4.1;

backend origin {
  .host = "127.0.0.1";
  .port = "@ORIGIN_PORT@";
}

sub vcl_recv {
  # The part of the site that nobody stores, as a `cache: off` route of Larder's.
  if (req.url ~ "^/_demo/") {
    return (pass);
  }
  # Left alone, Varnish stores nothing for who sends any cookie. These pages are the same for all, and what else the built-in
  # code would look at (methods, Host, Authorization) does not occur.
  unset req.http.Cookie;
  return (hash);
}
