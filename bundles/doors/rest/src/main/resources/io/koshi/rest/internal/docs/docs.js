// The token is kept in this page alone and goes into a header, never into a URL.
'use strict';
let token = '';

function signed(request) {
  if (token) request.headers.Authorization = 'Bearer ' + token;
  return request;
}

async function show() {
  const answer = await fetch('/openapi.json', signed({ headers: {} }));
  const entry = document.getElementById('entry');
  if (!answer.ok) {
    entry.hidden = false;
    document.getElementById('why').textContent = token ? (await answer.json()).detail : '';
    return;
  }
  entry.hidden = true;
  SwaggerUIBundle({ spec: await answer.json(), dom_id: '#ui', docExpansion: 'none', requestInterceptor: signed,
    showMutatedRequest: false, // the curl line is shown without the token
    validatorUrl: null });
}

document.getElementById('entry').addEventListener('submit', event => {
  event.preventDefault();
  token = document.getElementById('token').value.trim();
  show();
});
show();
