# Varnish beside larder.yaml: bans that the lurker can carry out (they name the object alone), and xkey.
vcl 4.1;
import xkey;

backend origin {
  .host = "127.0.0.1";
  .port = "@ORIGIN_PORT@";
  .max_connections = 200;
}

sub vcl_recv {
  if (req.method == "BAN") {
    if (req.http.tag) {
      ban("obj.http.xkey ~ (^|\s)" + req.http.tag + "($|\s)");
    } else {
      ban("obj.http.x-url ~ ^" + req.http.prefix);
    }
    return (synth(200));
  }
  if (req.method == "PURGE") {
    set req.http.gone = xkey.purge(req.http.tag);
    return (synth(200));
  }
  return (hash);
}

sub vcl_backend_response {
  set beresp.http.x-url = bereq.url;
  set beresp.grace = 0s;
  set beresp.keep = 0s;
}

sub vcl_deliver {
  set resp.http.x-cache = "MISS";
  if (obj.hits > 0) {
    set resp.http.x-cache = "HIT";
  }
  unset resp.http.x-url;
}
