// Draws the interactive description of the API from the packaged Swagger UI.
const place = document.getElementById("swagger-ui");
window.SwaggerUIBundle({ url: place.dataset.spec, domNode: place, deepLinking: true });
